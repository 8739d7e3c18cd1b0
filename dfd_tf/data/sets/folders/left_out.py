"""What of a folder is in no table: every file, with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dfd_tf.data.sets.folders.tree import NO_IMAGE, Folder

NO_CLASS = "no name of a class or split around it"


class LeftOut(NamedTuple):
    """Files of a folder that are not used.

    Attributes:
        folder: below the dataset's, with ``/``; "." for this itself.
        reason: why not, in a few words.
        files: how many.
        first: path of the first, below the dataset's folder.
    """

    folder: str
    reason: str
    files: int
    first: str


def left_out(
    root: Folder,
    taken: Collection[Path],
    reasons: Mapping[Path, str],
    class_folders: Collection[Path],
    used: Collection[Path] = (),
) -> list[LeftOut]:
    """Count what is not used, by folder and reason.

    Args:
        root: the dataset's folder, or the one above several.
        taken: the images that are.
        reasons: why other files or whole folders are not, where more is known of them than that no
            name around them says a class.
        class_folders: what is inside these is counted under their name.
        used: further files that were read.
    """
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    holders = {path.parent for path in taken}
    around = holders.union(*(holder.parents for holder in holders))
    for path, reason in _unused(root, frozenset(taken), reasons):
        if path in used:
            continue
        place = _place(path, root.path, around, class_folders)
        key = (root.below(place), reason)
        counts[key] += 1
        first.setdefault(key, root.below(path))
    return [LeftOut(*key, n, first[key]) for key, n in sorted(counts.items())]


def _unused(
    root: Folder, taken: frozenset[Path], reasons: Mapping[Path, str]
) -> Iterator[tuple[Path, str]]:
    for folder in root.walk():
        aside = next((reasons[p] for p in (folder.path, *folder.path.parents) if p in reasons), "")
        for image in folder.images:
            if image.path not in taken:
                yield image.path, reasons.get(image.path) or aside or NO_CLASS
        for path, reason in folder.passed_over:
            ending = f" ({path.suffix or 'no ending'})" if reason == NO_IMAGE else ""
            yield path, reason + ending


def _place(
    path: Path, root: Path, around: Collection[Path], class_folders: Collection[Path]
) -> Path:
    """The class folder that a file is in, else the highest folder of which nothing is used."""
    above = [parent for parent in path.parents if parent.is_relative_to(root)]
    inside = next((parent for parent in above if parent in class_folders), None)
    unused = [parent for parent in above if parent not in around and parent != root]
    return inside or (unused[-1] if unused else above[0])
