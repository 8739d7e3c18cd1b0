"""The vocabulary of dataset folders: which name means which split or class."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dfd_tf.types import FAKE, REAL

# Formats that decode.py refuses stand here too: such a file is then reported, not passed over.
IMAGE_EXTENSIONS = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".dib", ".gif"),
        *(".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2"),
    }
)

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "dev"), "valid"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_REAL_NAMES = ("real", "reals", "original", "originals", "authentic", "pristine", "genuine")
_FAKE_NAMES = (
    *("fake", "fakes", "deepfake", "deepfakes", "forged", "forgery"),
    *("manipulated", "tampered", "altered", "generated", "synthetic"),
)
_CLASSES = {**dict.fromkeys(_REAL_NAMES, REAL), **dict.fromkeys(_FAKE_NAMES, FAKE)}
_AROUND_CLASS = re.compile(r"^(training|\d+)|(images?|faces?|photos?)$")

ClassOf = Callable[[str], int | None]


@dataclass(frozen=True)
class ClassFolder:
    """A folder whose images, nested ones included, are all of one class and split."""

    path: Path
    label: int
    split: str


def squash(name: str) -> str:
    """Fold case and drop separators: ``"CelebA-HQ"`` and ``"celeba_hq"`` become ``"celebahq"``."""
    return re.sub(r"[\W_]+", "", name.casefold())


def split_of(name: str) -> str | None:
    """The split that a folder name means: ``"train"``, ``"valid"``, ``"test"`` or None."""
    return _SPLITS.get(squash(name))


def class_of(name: str) -> int | None:
    """The class that a folder name means (fake = 1, real = 0) or None.

    Numbers and ``training`` before it, ``images``, ``faces`` and ``photos`` after it do not count:
    ``0_real``, ``training_real``, ``Real Images``.
    """
    squashed = squash(name)
    return _CLASSES.get(squashed, _CLASSES.get(_AROUND_CLASS.sub("", squashed)))


def subfolders(folder: Path) -> list[Path]:
    """The visible folders directly inside one, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if _visible(e.name) and e.is_dir())
    except PermissionError:
        return []
    return [folder / name for name in names]


def class_folders(folder: Path, meaning: ClassOf = class_of) -> list[ClassFolder]:
    """Find ``SPLIT/CLASS``, ``CLASS/SPLIT`` or ``CLASS`` folders directly under a folder.

    Args:
        folder: where the split or class folders stand.
        meaning: the class of a folder name, None where it names no class.

    Returns:
        The class folders, sorted; empty unless both classes are there.
    """
    children = subfolders(folder)
    found = [
        ClassFolder(path, label, split)
        for child in children
        if (split := split_of(child.name)) is not None
        for path in subfolders(child)
        if (label := meaning(path.name)) is not None
    ]
    if not found:
        found = [part for child in children for part in _class_folder(child, meaning)]
    return found if {part.label for part in found} == {REAL, FAKE} else []


def visible_files(folder: Path) -> list[Path]:
    """All visible files in a folder and below, sorted."""
    found = []
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if _visible(name)]
        found += [Path(place, name) for name in files if _visible(name)]
    return sorted(found)


def has_image_name(path: Path) -> bool:
    """Whether a file name ends in an image extension."""
    return path.suffix.lower() in IMAGE_EXTENSIONS


def _class_folder(folder: Path, meaning: ClassOf) -> list[ClassFolder]:
    label = meaning(folder.name)
    if label is None:
        return []
    inner = [(path, split_of(path.name)) for path in subfolders(folder)]
    if inner and all(split is not None for _, split in inner):
        return [ClassFolder(path, label, split) for path, split in inner if split]
    return [ClassFolder(folder, label, "")]


def _visible(name: str) -> bool:
    return not name.startswith((".", "__MACOSX"))
