"""Fake-or-Real (FoR): ``for-norm/{training,validation,testing}/{real,fake}`` and its versions."""

from __future__ import annotations

import re

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import Layout, Recognised

_VERSIONS = re.compile(r"for-?(original|norm(alized)?|2-?sec(onds)?|rerec(orded)?)", re.IGNORECASE)
_SPLITS = {"training", "validation", "testing"}


def _recognise(folder: Folder) -> Recognised | None:
    splits = {child.name.casefold() for child in folder.folders}
    if not (_VERSIONS.fullmatch(folder.name) and splits & _SPLITS):
        return None
    parts = class_folders(folder)
    return Recognised(parts) if parts else None


RECORDS = (
    Layout(
        "for",
        "for-{original,norm,2sec,rerec}/{training,validation,testing}/{real,fake} (Fake-or-Real)",
        _recognise,
        terms="Fake-or-Real: GNU LGPL 3.0; the real voices under the terms of their sources.",
        rank=20,
        takes="sound",
    ),
)
