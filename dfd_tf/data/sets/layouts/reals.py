"""Real photos and nothing else, where the user said so: for detectors that know no fakes."""

from __future__ import annotations

from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import REAL


def _recognise(folder: Folder) -> Recognised | None:
    has_images = any(inner.images for inner in folder.walk())
    return Recognised([ClassFolder(folder, REAL, "")]) if has_images else None


RECORDS = (
    Layout(
        name="reals",
        looked_for="photos, all of them real, in any folders",
        recognise=_recognise,
        source="",
        rank=210,
        only_if_named=True,
        classes=(REAL,),
    ),
)
