"""Class names inside of one another, where the user said that the innermost decides."""

from __future__ import annotations

from collections.abc import Iterator

from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import class_of, split_of
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE, REAL


def _recognise(folder: Folder) -> Recognised | None:
    parts = list(_parts(folder, None, ""))
    return Recognised(parts) if {part.label for part in parts} == {REAL, FAKE} else None


def _parts(folder: Folder, label: int | None, split: str) -> Iterator[ClassFolder]:
    if label is not None:
        yield ClassFolder(folder, label, split, only_loose=True)
    for child in folder.folders:
        own = class_of(child.name)
        yield from _parts(child, label if own is None else own, split or split_of(child.name) or "")


RECORDS = (
    Layout(
        name="nested",
        looked_for="real/ and fake/ inside of one another, the innermost deciding",
        recognise=_recognise,
        source="",
        rank=200,
        only_if_named=True,
    ),
)
