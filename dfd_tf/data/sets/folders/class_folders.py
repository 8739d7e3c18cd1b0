"""Folders whose names say the class of what is in them, and folders around them, the split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import class_of, split_of, splits_of
from dfd_tf.types import FAKE, REAL

UNCLEAR = "?"  # a class folder beside folders that name splits, in none of them

ClassOf = Callable[[str], int | None]


@dataclass(frozen=True)
class ClassFolder:
    """A folder whose images, nested ones included, are all of one class and split.

    Attributes:
        folder: itself.
        label: real = 0, fake = 1.
        split: "train", "valid", "test", "" where the set names none, or `UNCLEAR`.
        only_loose: only the images directly in it, none of folders below.
        names: only the images of these names, endings aside; None for all.
    """

    folder: Folder
    label: int
    split: str
    only_loose: bool = False
    names: frozenset[str] | None = None

    def images_below(self) -> Iterator[Folder]:
        """The folders with its images."""
        return iter((self.folder,)) if self.only_loose else self.folder.walk()


def class_folders(folder: Folder, meaning: ClassOf = class_of) -> list[ClassFolder]:
    """Find ``SPLIT/CLASS``, ``CLASS/SPLIT`` or ``CLASS`` folders directly under a folder.

    Args:
        folder: where the split or class folders stand.
        meaning: the class of a folder name, None where it names no class.

    Returns:
        The class folders, sorted; empty unless both classes are there.
    """
    found = _inside_splits(folder, meaning) or _outside_splits(folder, meaning)
    return found if {part.label for part in found} == {REAL, FAKE} else []


def _inside_splits(folder: Folder, meaning: ClassOf) -> list[ClassFolder]:
    """``SPLIT/CLASS``; what stands beside the splits and has classes, too, is unclear."""
    splits = splits_of(child.name for child in folder.folders)
    inside: list[ClassFolder] = []
    beside: list[ClassFolder] = []
    for child in folder.folders:
        parts = _classes_in(child, meaning, splits.get(child.name, UNCLEAR))
        (inside if child.name in splits else beside).extend(parts)
    if not inside:
        return []
    loose = [p for p in _classes_in(folder, meaning, UNCLEAR) if p.folder.name not in splits]
    taken = {part.folder.path for part in loose}
    beside = [part for part in beside if part.folder.path.parent not in taken]
    return inside + (beside if {p.label for p in beside} == {REAL, FAKE} else []) + loose


def _classes_in(folder: Folder, meaning: ClassOf, split: str) -> list[ClassFolder]:
    return [
        ClassFolder(child, label, split)
        for child in folder.folders
        if (label := meaning(child.name)) is not None
    ]


def _outside_splits(folder: Folder, meaning: ClassOf) -> list[ClassFolder]:
    """``CLASS/SPLIT`` or ``CLASS``."""
    classes = _classes_in(folder, meaning, "")
    inner = [splits_of(child.name for child in part.folder.folders) for part in classes]
    n_splits = len({split for names in inner for split in names.values()})
    is_whole = [len(names) for names in inner] == [len(part.folder.folders) for part in classes]
    if n_splits < 2 and not (n_splits and is_whole):
        return classes
    return [each for part in classes for each in _split_up(part)]


def _split_up(part: ClassFolder) -> Iterator[ClassFolder]:
    splits = splits_of(child.name for child in part.folder.folders)
    for child in part.folder.folders:
        yield ClassFolder(child, part.label, splits.get(child.name, UNCLEAR))
    if part.folder.images:
        yield ClassFolder(part.folder, part.label, UNCLEAR, only_loose=True)


def without_class(folder: Folder, parts: list[ClassFolder]) -> list[Folder]:
    """Folders in a split of which a class is missing, whose own names mean no class.

    One of them may be that class in other words.
    """
    strange = []
    for child in folder.folders:
        inside = {part.folder.path: part.label for part in parts if part.split}
        here = {label for path, label in inside.items() if path.parent == child.path}
        if len(here) == 1 and split_of(child.name):
            strange += [inner for inner in child.folders if inner.path not in inside]
    return strange
