"""Hybrid Fake Face: folders of eight kinds of image, in splits and classes or without them."""

from __future__ import annotations

import re

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE, REAL

# The kinds of Guo et al. 2021, table 1; copies differ in spelling and some carry the number of
# images in the name.
_KINDS = {
    REAL: re.compile(r"(celeba|celebahq|youtube|faceforensics)(frames?|real)?(\d+k?)?"),
    FAKE: re.compile(r"(pggan|progan|stylegan|glow|face2face|f2f|stargan)(frames?|fake)?(\d+k?)?"),
}


def _recognise(folder: Folder) -> Recognised | None:
    kinds = class_folders(folder, _class_of_kind)
    return Recognised(kinds) if kinds else _recognise_in_classes(folder)


def _recognise_in_classes(folder: Folder) -> Recognised | None:
    """``[{train,valid,test}/]{real,fake}/{CelebA,...}``, as the authors' label script has it."""
    parts = class_folders(folder)
    kinds = [
        (_class_of_kind(kind.name), part.label) for part in parts for kind in part.folder.folders
    ]
    return Recognised(parts) if kinds and all(a == b for a, b in kinds) else None


def _class_of_kind(name: str) -> int | None:
    return next((label for label, kinds in _KINDS.items() if kinds.fullmatch(squash(name))), None)


RECORDS = (
    Layout(
        name="hff",
        looked_for="folders CelebA, CelebA-HQ, YouTube and PGGAN, StyleGAN, Glow, Face2Face, "
        "StarGAN",
        recognise=_recognise,
        terms="Hybrid Fake Face: on request from its authors, research only.",
        rank=50,
    ),
)
