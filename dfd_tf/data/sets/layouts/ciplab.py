"""CIPLab Real and Fake Face Detection: ``[real_and_fake_face/]training_{real,fake}``."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE

# Difficulty, number within that difficulty, which parts of the face were exchanged.
_FAKE_NAME = re.compile(r"(easy|mid|hard)_(\d+)_([01]{4})", re.IGNORECASE)
_PARTS = ("left_eye", "right_eye", "nose", "mouth")


def exchanged_parts(path: str | Path) -> list[str]:
    """Parts of the face that a CIPLab fake's name says were exchanged; none for other images.

    Returns:
        Some of left_eye, right_eye, nose and mouth.
    """
    path = Path(path)
    name = _FAKE_NAME.match(path.name)
    return _parts_of(name[3]) if name and squash(path.parent.name) == "trainingfake" else []


def _recognise(folder: Folder) -> Recognised | None:
    parts = class_folders(folder)
    if {squash(part.folder.name) for part in parts} != {"trainingreal", "trainingfake"}:
        return None
    return Recognised(parts, annotate=_read_names)


def _read_names(table: pd.DataFrame) -> pd.DataFrame:
    names = table["file"].str.extract(_FAKE_NAME.pattern, flags=re.IGNORECASE)
    fake = names[0].notna() & (table["label"] == FAKE)
    table["difficulty"] = names[0].where(fake, "").str.lower()
    table["parts"] = [",".join(_parts_of(bits)) for bits in names[2].where(fake, "")]
    # Numbers begin anew in each difficulty and are not those of the real photos.
    numbered = "training_fake/" + table["difficulty"] + "_" + names[1].fillna("")
    table["group"] = numbered.where(fake, table["group"])
    return table


def _parts_of(bits: str) -> list[str]:
    return [part for part, bit in zip(_PARTS, bits, strict=False) if bit == "1"]


RECORDS = (
    Layout(
        name="ciplab",
        looked_for="training_real/ and training_fake/ (also HFM)",
        recognise=_recognise,
        terms="CIPLab Real and Fake Face Detection: non-commercial.",
        rank=40,
    ),
)
