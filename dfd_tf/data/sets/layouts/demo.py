"""The rendered dataset: ``demo/{train,valid,test}/{real,fake}`` and the masks of its fakes."""

from __future__ import annotations

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import MASKS, Layout, Recognised

_MARKER, _MASKS = ".complete", "masks"


def _recognise(folder: Folder) -> Recognised | None:
    masks = folder.path / _MASKS
    if not ((folder.path / _MARKER).is_file() and masks.is_dir()):
        return None
    parts = class_folders(folder)
    return Recognised(parts, set_aside={masks: MASKS}) if parts else None


RECORDS = (
    Layout(
        name="demo",
        looked_for="",
        recognise=_recognise,
        terms="Rendered by dfd_tf: free.",
        rank=10,
    ),
)
