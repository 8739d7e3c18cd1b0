"""The images of a recognised dataset: a row each, with the class and split of its folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.choices import DEALT, Choices
from dfd_tf.data.sets.folders.class_folders import UNCLEAR, ClassFolder, without_class
from dfd_tf.data.sets.folders.finding import Found
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES, FAKE, REAL

NO_SPLIT = "in no folder that names a split, beside others that do"
SAME_FILE = "the same file again, through a link"
_COLUMNS = ("path", "real", "file", "label", "split", "folder")


def listed(hit: Found, base: Folder) -> pd.DataFrame:
    """A row for each image of a dataset: path, real, file (below `base`), label, split, folder.

    Raises:
        UserError: a name is no text, or a folder may be a missing class in other words.
    """
    rows = {str(row[0]): row for part in hit.recognised.parts for row in _rows(hit, part, base)}
    require_text(list(rows))
    table = pd.DataFrame(list(rows.values()), columns=list(_COLUMNS))
    if hit.split:
        table["split"] = table["split"].replace("", hit.split)
    _require_understood(hit, table)
    return table


def _rows(hit: Found, part: ClassFolder, base: Folder) -> Iterator[tuple[str | int, ...]]:
    aside, place = hit.recognised.set_aside, base.below(part.folder.path)
    for folder in part.images_below():
        if any(path in aside for path in (folder.path, *folder.path.parents)):
            continue
        inside = base.below(folder.path)
        for image in folder.images:
            if part.names is not None and image.path.stem not in part.names:
                continue
            file = f"{inside}/{image.path.name}".removeprefix("./")
            yield str(image.path), image.real, file, part.label, part.split, place


def require_text(paths: list[str]) -> None:
    """Tables, CSV and JSON hold text only; a name in another encoding would break them later."""
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise UserError(f"rename {os.fsencode(path)!r}: the name is not UTF-8") from None


def _require_understood(hit: Found, table: pd.DataFrame) -> None:
    """A split that lacks a class, beside a folder that may be that class in other words."""
    for folder in without_class(hit.folder, hit.recognised.parts):
        if not any(inner.images for inner in folder.walk()):
            continue
        split = folder.path.parent
        there = set(table["label"][table["path"].str.startswith(f"{split}{os.sep}")])
        lacking = " and ".join(CLASS_NAMES[label] for label in {REAL, FAKE} - there)
        raise UserError(
            f"the split {split} has no {lacking} images, and what its folder {folder.name!r} holds "
            f"is not known: call it {lacking or 'real or fake'}, or move it out of the split"
        )


def settled(table: pd.DataFrame, choices: Choices, reasons: dict[Path, str]) -> pd.DataFrame:
    """Splits as the user chose where folders that name one stand beside others.

    Args:
        table: from `listed`.
        choices: what the user decides.
        reasons: gets why a file is left out, by its path.

    Raises:
        UserError: there are such folders and nothing is chosen.
    """
    if choices.split_from == DEALT:
        return table.assign(split="")
    unclear = table["split"] == UNCLEAR
    if not unclear.any():
        return table
    if choices.split_from is None:
        places = sorted(set(table["folder"][unclear]))
        raise UserError(
            f"the folders {', '.join(places[:6])} ({unclear.sum()} images) name no split, and "
            "others beside them do. Rename them to train, valid or test; or leave them out with "
            "--split-from folder; or deal all images to splits anew with --split-from dealt"
        )
    reasons |= {Path(path): NO_SPLIT for path in table["path"][unclear]}
    return table[~unclear]


def without_copies(table: pd.DataFrame, reasons: dict[Path, str]) -> pd.DataFrame:
    """One row a file, where links lead to one from several places; `reasons` gets the others.

    Raises:
        UserError: the places are of different classes or splits.
    """
    again = table["real"].duplicated(keep=False)
    if not again.any():
        return table
    ways = table[again].groupby("real")[["label", "split"]].nunique().max(axis=1)
    if (ways > 1).any():
        path = table["path"][table["real"] == ways.index[ways > 1][0]]
        raise UserError(
            f"{' and '.join(path[:2])} are one file through a link, in two classes or splits: "
            "remove the wrong link"
        )
    later = table["real"].duplicated()
    reasons |= {Path(path): SAME_FILE for path in table["path"][later]}
    return table[~later].reset_index(drop=True)


def require_classes(table: pd.DataFrame, hits: list[Found]) -> None:
    """Refuse a dataset without an image of a class; says what is in its folders instead."""
    parts = [part for hit in hits for part in hit.recognised.parts]
    for label in hits[0].layout.classes:
        if label not in set(table["label"]):
            raise UserError(f"no {CLASS_NAMES[label]} images {_what_is_there(parts, label)}")


def _what_is_there(parts: list[ClassFolder], label: int) -> str:
    folders = [part.folder for part in parts if part.label == label]
    files = [path for part in folders for inner in part.walk() for path, _ in inner.passed_over]
    kinds = sorted({path.suffix or path.name for path in files})
    places = ", ".join(str(folder.path) for folder in folders)
    return f"in {places}; found: {', '.join(kinds[:12]) or 'no files'}"
