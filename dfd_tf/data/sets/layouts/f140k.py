"""140k Real and Fake Faces: ``[real_vs_fake/]real-vs-fake/{train,valid,test}/{real,fake}``."""

from __future__ import annotations

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised


def _recognise(folder: Folder) -> Recognised | None:
    if squash(folder.name) != "realvsfake" and not squash(folder.name).startswith("140k"):
        return None
    parts = class_folders(folder)
    return Recognised(parts) if any(part.split for part in parts) else None


RECORDS = (
    Layout(
        name="140k",
        looked_for="real-vs-fake/{train,valid,test}/{real,fake}",
        recognise=_recognise,
        terms="FFHQ photos (the set CC BY-NC-SA) and StyleGAN faces: non-commercial.",
        rank=20,
    ),
)
