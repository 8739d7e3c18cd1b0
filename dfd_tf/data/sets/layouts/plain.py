"""Any other set: ``[{train,valid,test}/]{real,fake}``, in either order, under many names."""

from __future__ import annotations

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import Layout, Recognised


def _recognise(folder: Folder) -> Recognised | None:
    parts = class_folders(folder)
    return Recognised(parts) if parts else None


RECORDS = (
    Layout(
        name="plain",
        looked_for="real/ and fake/ (or original, authentic, pristine; deepfake, forged, "
        "manipulated, ...), in or around train/, valid/ and test/",
        recognise=_recognise,
        source="",
        rank=100,
    ),
)
