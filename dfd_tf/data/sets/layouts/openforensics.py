"""OpenForensics: ``Dataset/{Train,Validation,Test}/{Real,Fake}``, told by its capitals."""

from __future__ import annotations

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised

_SPELLING = {"Train", "Validation", "Test", "Real", "Fake"}


def _recognise(folder: Folder) -> Recognised | None:
    if squash(folder.name) not in ("dataset", "openforensics"):
        return None
    parts = class_folders(folder)
    names = {name for part in parts for name in part.folder.path.parts[-2:]}
    ours = names <= _SPELLING and any(part.split for part in parts)
    return Recognised(parts) if ours else None


RECORDS = (
    Layout(
        name="openforensics",
        looked_for="Dataset/{Train,Validation,Test}/{Real,Fake}",
        recognise=_recognise,
        terms="OpenForensics: under the terms of its authors.",
        rank=30,
    ),
)
