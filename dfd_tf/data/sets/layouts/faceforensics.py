"""FaceForensics++: originals beside a folder for each method of manipulation, frames by video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.class_folders import ClassFolder, class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import class_of, split_of, squash
from dfd_tf.data.sets.layouts.record import MASKS, Layout, Recognised
from dfd_tf.types import FAKE, REAL

_METHODS = frozenset(
    {
        *("deepfakes", "face2face", "faceswap", "neuraltextures", "faceshifter"),
        *("deepfakedetection", "f2f", "nt"),
    }
)
_ORIGINALS = ("youtube", "actors")
_SEQUENCES = {"originalsequences": REAL, "manipulatedsequences": FAKE}
_MASKS = ("mask", "masks", "facemasks")

# A video is named by its number, a fake by that of its target and that of the face put into it.
_VIDEO = re.compile(r"(\d{3})(?:_(\d{3}))?(?!\d)")
# Those of the actors by the number of the person first, then of the face's, then the scene.
_ACTOR = re.compile(r"(\d\d)(?:_\d\d)?__")


def _recognise(folder: Folder) -> Recognised | None:
    parts = _in_sequences(folder) or _side_by_side(folder)
    if not parts:
        return None
    return Recognised(parts, annotate=_group_by_video, set_aside=dict(_masks(parts)))


def _in_sequences(folder: Folder) -> list[ClassFolder]:
    """``[SPLIT/]{original,manipulated}_sequences/{youtube,Deepfakes,...}``."""
    places = [(folder, ""), *((f, s) for f in folder.folders if (s := split_of(f.name)))]
    found = [
        ClassFolder(source, _SEQUENCES[squash(sequences.name)], split)
        for place, split in places
        for sequences in place.folders
        if squash(sequences.name) in _SEQUENCES
        for source in sequences.folders
    ]
    return found if {part.label for part in found} == {REAL, FAKE} else []


def _side_by_side(folder: Folder) -> list[ClassFolder]:
    """``[SPLIT/]{original,Deepfakes,FaceSwap,...}``: two methods at least, else it may be any."""
    parts = class_folders(folder, _class_of_method)
    methods = {squash(part.folder.name) for part in parts} & _METHODS
    return parts if len(methods) > 1 else []


def _class_of_method(name: str) -> int | None:
    if squash(name) in _METHODS:
        return FAKE
    return REAL if squash(name) in _ORIGINALS else class_of(name)


def _masks(parts: list[ClassFolder]) -> Iterator[tuple[Path, str]]:
    for part in parts:
        for folder in part.folder.walk():
            if squash(folder.name) in _MASKS:
                yield folder.path, MASKS


def _group_by_video(table: pd.DataFrame) -> pd.DataFrame:
    """Frames of a video, and the two fakes made of two videos with these, belong together."""
    names = [_video_of(file) for file in table["file"]]
    partner = {a: b for pair in names if pair and pair[1] for a, b in (pair, pair[::-1])}
    table["group"] = [
        "_".join(sorted({pair[0], partner.get(pair[0], pair[0])})) if pair else group
        for pair, group in zip(names, table["group"], strict=True)
    ]
    return table


def _video_of(file: str) -> tuple[str, str] | None:
    """Numbers of the video that a frame is of, and of its partner ("" where there is none)."""
    for part in file.split("/"):
        if actor := _ACTOR.match(part):
            return f"actor {actor[1]}", ""
        if video := _VIDEO.match(part):
            return video[1], video[2] or ""
    return None


RECORDS = (
    Layout(
        name="faceforensics",
        looked_for="original/ beside two or more of Deepfakes, Face2Face, FaceSwap, "
        "NeuralTextures, FaceShifter; or original_sequences/ and manipulated_sequences/ "
        "(FaceForensics++)",
        recognise=_recognise,
        terms="FaceForensics++: on request from its authors, research only.",
        rank=45,
    ),
)
