"""What the audit has to say, and what copies, shared groups and unusable files mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dfd_tf.auditing.duplicates import EXACT, crossings
from dfd_tf.auditing.kinds import IMAGES, Kind
from dfd_tf.data.sets.inventory import Inventory

Level = Literal["finding", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something that the audit has to say.

    Attributes:
        level: "finding" (do not trust the data as they stand), "warning" (know this before you
            do) or "note".
        title: In a few words.
        text: What was found, in full sentences with numbers.
        advice: What to do; empty for a note.
    """

    level: Level
    title: str
    text: str
    advice: str = ""


def leak_findings(
    duplicates: pd.DataFrame, groups: list[str], kind: Kind = IMAGES
) -> list[Finding]:
    """What the copies and the shared groups mean.

    Args:
        duplicates: from `find_duplicates`.
        groups: from `shared_groups`.
        kind: of the examples.
    """
    return [*_copies(crossings(duplicates), kind), *_shared(groups, kind)]


def file_findings(damaged: pd.DataFrame) -> list[Finding]:
    """What unusable files mean."""
    if damaged.empty:
        return []
    first = damaged.iloc[0]
    text = f"{_files(len(damaged))} cannot be judged; the first is {first.path}: {first.reason}."
    return [Finding("finding", "Unusable files", text, "Replace or remove the files listed.")]


def left_out_findings(inventory: Inventory) -> list[Finding]:
    """What it means that files of the dataset's folder are not used."""
    lost = inventory.lost
    if lost.empty:
        return []
    first = lost.sort_values("files", ascending=False).iloc[0]
    text = (
        f"{_files(int(lost['files'].sum()))} of the folder are in no class and no split; most in "
        f"{first['source']}/{first['folder']}: {first['reason']}."
    )
    advice = (
        "Look through the table below. Rename the folders that belong to the data, or name them by "
        "`--labels`."
    )
    return [Finding("warning", "Files left out", text, advice)]


def _copies(clusters: pd.DataFrame, kind: Kind) -> Iterator[Finding]:
    across = clusters[clusters["splits"] > 1]
    if len(across):
        yield Finding(
            "finding",
            f"The same {kind.many} in several splits",
            f"{_standing(across, kind)} in more than one of train, valid and test. A test on what "
            "was trained on measures memory, not detection.",
            f"{kind.drop_copies}; results measured on these splits before are too good.",
        )
    torn = clusters[(clusters["labels"] > 1) & (clusters["kind"] == EXACT)]
    if len(torn):
        yield Finding(
            "finding",
            "The same file as real and as fake",
            f"{_standing(torn, kind)} in both classes, byte for byte: one of the labels is wrong.",
            f"Find out which and remove the other. {kind.drop_copies}.",
        )
    yield from _harmless_copies(clusters[clusters["splits"] == 1], kind)


def _harmless_copies(clusters: pd.DataFrame, kind: Kind) -> Iterator[Finding]:
    pairs = clusters[(clusters["labels"] > 1) & (clusters["kind"] != EXACT)]
    if len(pairs):
        yield Finding(
            "note",
            "Fakes that are like their originals",
            f"{len(pairs):,} {'cluster' if len(pairs) == 1 else 'clusters'} of {kind.many} "
            f"{kind.alike} hold real and fake ones, of one split: as a forgery and its original "
            "do.",
        )
    repeated = clusters[clusters["labels"] == 1]
    if len(repeated):
        yield Finding(
            "note",
            f"Repeated {kind.many}",
            f"{_standing(repeated, kind)} more than once in one class of one split, and count that "
            "often.",
        )


def _shared(groups: list[str], kind: Kind) -> Iterator[Finding]:
    if groups:
        named = ", ".join(groups[:5]) + (", ..." if len(groups) > 5 else "")
        yield Finding(
            "finding",
            "Groups in several splits",
            f"{len(groups):,} groups of {kind.many} that belong together (of one person, video or "
            f"source) are spread over splits: {named}.",
            "Train with `--set data.fold=[0,5]`, which sets the dataset's splits aside and cuts "
            "by group.",
        )


def _standing(clusters: pd.DataFrame, kind: Kind) -> str:
    exact = int((clusters["kind"] == EXACT).sum())
    n, near = len(clusters), len(clusters) - exact
    stand = f"{kind.one} stands" if n == 1 else f"{kind.many} stand"
    return f"{n:,} {stand} ({exact:,} byte for byte, {near:,} {kind.alike})"


def _files(n: int) -> str:
    return "1 file" if n == 1 else f"{n:,} files"
