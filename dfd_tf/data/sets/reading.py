"""One dataset folder, or one table of labels, to a table of its images and what was left out."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.choices import AS_FOUND, DEALT, FILE, FOLDER, Choices
from dfd_tf.data.sets.folders.finding import Found, find_sets
from dfd_tf.data.sets.folders.grouping import group
from dfd_tf.data.sets.folders.left_out import LeftOut, left_out
from dfd_tf.data.sets.folders.listing import (
    listed,
    require_classes,
    require_text,
    settled,
    without_copies,
)
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.label_file import NO_FILE, read_labels
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES

NOT_IN_TABLE = "not in the table of labels"


@dataclass(frozen=True)
class Reading:
    """What was read of one ``--data``.

    Attributes:
        tables: the images of each dataset in it, as `read_layout` describes.
        left_out: what is in none of them.
        remarks: sentences on how it was understood.
    """

    tables: list[pd.DataFrame]
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_layout(root: str | Path, choices: Choices = AS_FOUND) -> pd.DataFrame:
    """List the images of a dataset folder of any known layout.

    Args:
        root: the dataset's folder, or one up to three folders above it; or a CSV of path and
            label, see `data.sets.label_file`.
        choices: what the user decides.

    Returns:
        One row per image, sorted by ``file``: ``path`` (absolute), ``real`` (where links lead),
        ``file`` (inside the dataset folder, with ``/``), ``label`` (fake = 1), ``split`` ("train",
        "valid", "test", or "" where the set has none), ``folder`` (of the class), ``group``
        (images that must stay together, unique within the set; the file itself where nothing is
        known) and ``source`` (the set's short name). CIPLab adds ``difficulty`` and ``parts`` (""
        for real images). A folder that holds a plain set for each source gives the rows of all.

    Raises:
        UserError: no such folder, no known layout in it, several known datasets in it, a class
            without images, or several readings; says what was looked for and what was found.
    """
    return pd.concat(read_root(root, choices).tables, ignore_index=True)


def read_root(root: str | Path, choices: Choices = AS_FOUND) -> Reading:
    """Read a dataset as `read_layout` does, and account for every file of the folder."""
    root = Path(os.path.abspath(Path(root).expanduser()))
    if root.is_file() and root.suffix.lower() in (".csv", ".tsv"):
        return _read_table(root, root.parent, choices, name=root.stem)
    if not root.is_dir():
        raise UserError(
            f"{root} is not a folder: expected the folder of a dataset, or a CSV of path and label"
        )
    if choices.labels:
        labels = Path(os.path.abspath(Path(choices.labels).expanduser()))
        return _read_table(labels, root, choices, name=root.name)
    return _read_folder(Folder(root, takes=choices.takes or "image"), choices)


def _read_folder(root: Folder, choices: Choices) -> Reading:
    _require_no_column(choices)
    found = find_sets(root, choices)
    reasons = {path: why for hit in found for path, why in hit.recognised.set_aside.items()}
    rows = [listed(hit, hit.folder if len(found) == 1 else root) for hit in found]
    rows = [settled(table, choices, reasons) for table in rows]
    tables, remarks = [], []
    for name, hits in _by_source(found).items():
        table = pd.concat([rows[found.index(hit)] for hit in hits], ignore_index=True)
        table = without_copies(table.sort_values("file", ignore_index=True), reasons)
        require_classes(table, hits)
        table["group"] = table["file"]
        table = hits[0].recognised.annotate(table)
        remarks += hits[0].recognised.remarks(table)
        table["group"], grouped = group(table, choices.group_by)
        remarks += grouped
        table["source"] = hits[0].layout.source_name or name or root.name or "data"
        tables.append(table)
    taken = {Path(path) for table in tables for path in table["path"]}
    parts = {part.folder.path for hit in found for part in hit.recognised.parts}
    used = {path for hit in found for path in hit.recognised.used}
    return Reading(tables, left_out(root, taken, reasons, parts, used), remarks)


def _require_no_column(choices: Choices) -> None:
    for option, choice, words in (
        ("--split-from", choices.split_from, (FOLDER, DEALT)),
        ("--group-by", choices.group_by, (FOLDER, FILE)),
    ):
        if choice is not None and choice not in words:
            raise UserError(
                f"{option} {choice}: expected {' or '.join(words)}, or with --labels FILE.csv the "
                "name of one of its columns"
            )


def _by_source(found: list[Found]) -> dict[str, list[Found]]:
    """Sets of one name in several splits are one source; a single set has the root's name."""
    if len(found) == 1:
        return {"": found}
    sources: dict[str, list[Found]] = {}
    for hit in found:
        sources.setdefault("-".join(hit.names), []).append(hit)
    return sources


def _read_table(path: Path, base: Path, choices: Choices, name: str) -> Reading:
    """The images that a CSV names."""
    table, reasons = read_labels(path, base, choices)
    outside = [LeftOut(".", why, 1, str(p)) for p, why in reasons.items() if why == NO_FILE]
    table["real"] = [os.path.realpath(each) for each in table["path"]]
    table["folder"] = [file.rpartition("/")[0] or "." for file in table["file"]]
    if choices.split_from == DEALT:
        table["split"] = ""
    table = without_copies(table, reasons)
    for label, words in enumerate(CLASS_NAMES):
        if label not in set(table["label"]):
            raise UserError(f"{path} names no {words} image that is there; it needs both classes")
    require_text(list(table["path"]))
    if choices.group_by in (FOLDER, FILE):
        own = (table["folder"] == ".") | (choices.group_by == FILE)
        table["group"] = table["file"].where(own, table["folder"])
    table["source"] = name or "data"
    if not choices.labels:
        others = [LeftOut(".", why, 1, str(p)) for p, why in reasons.items() if why != NO_FILE]
        return Reading([table], _summed(outside + others))
    taken = {Path(each) for each in table["path"]}
    inside = left_out(
        Folder(base, takes=choices.takes or "image"),
        taken,
        {base: NOT_IN_TABLE, **reasons},
        (),
        (path,),
    )
    return Reading([table], [*inside, *_summed(outside)])


def _summed(rows: list[LeftOut]) -> list[LeftOut]:
    reasons = {row.reason: row.first for row in reversed(rows)}
    return [
        LeftOut(".", reason, sum(row.reason == reason for row in rows), first)
        for reason, first in reasons.items()
    ]
