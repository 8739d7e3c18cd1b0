"""What tells one known dataset from another: a small recogniser for each."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders import (
    ClassFolder,
    class_folders,
    class_of,
    split_of,
    squash,
    subfolders,
)
from dfd_tf.types import FAKE, REAL

# CIPLab's file names: difficulty, number within that difficulty, which parts were exchanged.
_CIPLAB_FAKE = re.compile(r"(easy|mid|hard)_(\d+)_([01]{4})", re.IGNORECASE)
_CIPLAB_PARTS = ("left_eye", "right_eye", "nose", "mouth")

_DFDC_COLUMNS = {"split", "file", "label", "original"}

# The eight kinds of image of the Hybrid Fake Face dataset (Guo et al. 2021, table 1); copies differ
# in spelling and some carry the number of images in the name.
_HFF = {
    REAL: re.compile(r"(celeba|celebahq|youtube|faceforensics)(frames?|real)?(\d+k?)?"),
    FAKE: re.compile(r"(pggan|progan|stylegan|glow|face2face|f2f|stargan)(frames?|fake)?(\d+k?)?"),
}


@dataclass(frozen=True)
class Layout:
    """A recognised dataset: its short name, its class folders, and what its file names tell."""

    source: str
    folders: list[ClassFolder]
    annotate: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table


def recognise(folder: Path) -> Layout | None:
    """Recognise the dataset whose split or class folders stand directly in a folder.

    Returns:
        The layout; its source is "" for plain folders, which have no name of their own. None where
        the folder holds no dataset.
    """
    for recogniser in (_dfdc, _f140k, _openforensics, _ciplab, _hff, _hff_in_classes):
        if layout := recogniser(folder):
            return layout
    folders = class_folders(folder)
    return Layout("", folders) if folders else None


def _f140k(folder: Path) -> Layout | None:
    """``[real_vs_fake/]real-vs-fake/{train,valid,test}/{real,fake}``."""
    if squash(folder.name) != "realvsfake" and not squash(folder.name).startswith("140k"):
        return None
    folders = class_folders(folder)
    return Layout("140k", folders) if _has_splits(folders) else None


def _openforensics(folder: Path) -> Layout | None:
    """``Dataset/{Train,Validation,Test}/{Real,Fake}``, told from others by its capitals."""
    folders = class_folders(folder)
    spelling = {part.path.parent.name for part in folders} | {part.path.name for part in folders}
    expected = {"Train", "Validation", "Test", "Real", "Fake"}
    ours = squash(folder.name) in ("dataset", "openforensics") and spelling <= expected
    return Layout("openforensics", folders) if ours and _has_splits(folders) else None


def _ciplab(folder: Path) -> Layout | None:
    """``[real_and_fake_face/]training_{real,fake}``, also the stand-in for HFM."""
    folders = class_folders(folder)
    if {squash(part.path.name) for part in folders} != {"trainingreal", "trainingfake"}:
        return None
    return Layout("ciplab", folders, _read_ciplab_names)


def _read_ciplab_names(table: pd.DataFrame) -> pd.DataFrame:
    names = table["file"].str.extract(_CIPLAB_FAKE.pattern, flags=re.IGNORECASE)
    fake = names[0].notna() & (table["label"] == FAKE)
    table["difficulty"] = names[0].where(fake, "").str.lower()
    table["parts"] = [",".join(_ciplab_parts(bits)) for bits in names[2].where(fake, "")]
    # Numbers begin anew in each difficulty and are not those of the real photos.
    numbered = "training_fake/" + table["difficulty"] + "_" + names[1].fillna("")
    table["group"] = numbered.where(fake, table["group"])
    return table


def exchanged_parts(path: str | Path) -> list[str]:
    """Parts of the face that a CIPLab fake's name says were exchanged; none for other images.

    Returns:
        Some of left_eye, right_eye, nose and mouth.
    """
    path = Path(path)
    name = _CIPLAB_FAKE.match(path.name)
    return _ciplab_parts(name[3]) if name and squash(path.parent.name) == "trainingfake" else []


def _ciplab_parts(bits: str) -> list[str]:
    return [part for part, bit in zip(_CIPLAB_PARTS, bits, strict=False) if bit == "1"]


def _dfdc(folder: Path) -> Layout | None:
    """``{train,valid,test}/{real,fake}`` with a metadata.csv of split, file, label, original."""
    metadata = folder / "metadata.csv"
    if not metadata.is_file():
        return None
    with metadata.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not _DFDC_COLUMNS.issubset(reader.fieldnames or ()):
            return None
        originals = {
            (split_of(row["split"]), class_of(row["label"]), row["file"]): row["original"]
            for row in reader
        }
    folders = class_folders(folder)
    if not folders:
        return None
    return Layout("dfdc", folders, lambda table: _group_by_original(table, originals))


def _group_by_original(
    table: pd.DataFrame, originals: dict[tuple[str | None, int | None, str], str]
) -> pd.DataFrame:
    names = table["file"].str.rpartition("/")[2]
    keys = zip(table["split"], table["label"], names, strict=True)
    table["group"] = [
        originals.get(key, group) for key, group in zip(keys, table["group"], strict=True)
    ]
    return table


def _hff(folder: Path) -> Layout | None:
    """``[{train,valid,test}/]{CelebA,CelebA-HQ,YouTube,PGGAN,StyleGAN,Glow,Face2Face,StarGAN}``."""
    folders = class_folders(folder, _hff_class)
    return Layout("hff", folders) if folders else None


def _hff_in_classes(folder: Path) -> Layout | None:
    """``[{train,valid,test}/]{real,fake}/{CelebA,...}``, as the authors' label script has it."""
    folders = class_folders(folder)
    kinds = [
        (_hff_class(kind.name), part.label) for part in folders for kind in subfolders(part.path)
    ]
    return Layout("hff", folders) if kinds and all(a == b for a, b in kinds) else None


def _hff_class(name: str) -> int | None:
    for label, kinds in _HFF.items():
        if kinds.fullmatch(squash(name)):
            return label
    return None


def _has_splits(folders: list[ClassFolder]) -> bool:
    return any(part.split for part in folders)
