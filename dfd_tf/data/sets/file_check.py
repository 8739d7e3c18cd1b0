"""One pass over all files before a long run: which can be decoded, and what exactly was there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from typing import Any, TypeVar

import pandas as pd

from dfd_tf.data.images.decode import UnusableImage, decode_with_header, read_bytes
from dfd_tf.data.preprocess import too_small
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked
from dfd_tf.types import CLASS_NAMES

Found = TypeVar("Found")

_COLUMNS = ["reason", "width", "height", "format", "plain", "sha256"]


@dataclass(frozen=True)
class FileCheck:
    """What a pass over all files found.

    Attributes:
        usable: the rows whose file decodes, with ``width`` and ``height`` (as shown, in pixels),
            ``format``, ``plain`` (whether tf.io.decode_jpeg gives the same pixels as decode.py:
            three colour components, stored upright) and ``sha256`` of the file.
        damaged: ``path`` and ``reason`` of each file that does not, or is too small to be judged.
        fingerprint: SHA-256 over the labels and contents of the usable files, whatever they are
            called and wherever they are.
    """

    usable: pd.DataFrame
    damaged: pd.DataFrame
    fingerprint: str


def check_files(examples: pd.DataFrame, *, progress: bool = True) -> FileCheck:
    """Decode every file once.

    Args:
        examples: the table of `load_examples`.
        progress: whether to show a bar on stderr.

    Returns:
        Usable rows, damaged files by name, and the fingerprint of the data.

    Raises:
        UserError: not one usable file is left in a class.
    """
    return check_by(_inspect, _COLUMNS, examples, "checking files", progress=progress)


def check_by(
    inspect: Callable[[str], tuple[Any, ...]],
    columns: list[str],
    examples: pd.DataFrame,
    doing: str,
    *,
    progress: bool,
) -> FileCheck:
    """Inspect every file once and part the usable from the damaged.

    Args:
        inspect: what it finds out of a file, a value for each of `columns`.
        columns: among them "reason", empty for what is usable, and "sha256".
        examples: the table of `load_examples`.
        doing: what the bar says is being done.
        progress: whether to show it on stderr.

    Raises:
        UserError: not one usable file is left in a class.
    """
    examples = examples.reset_index(drop=True)
    found = map_files(inspect, examples["path"], doing, progress=progress)
    facts = pd.DataFrame(found, columns=columns)
    bad = facts["reason"] != ""
    damaged = pd.DataFrame({"path": examples["path"][bad], "reason": facts["reason"][bad]})
    usable = examples[~bad].assign(**facts.drop(columns="reason"))
    require_classes(examples, usable, damaged)
    return FileCheck(
        usable.reset_index(drop=True), damaged.reset_index(drop=True), fingerprint_of(usable)
    )


def map_files(
    inspect: Callable[[str], Found], paths: Collection[str], doing: str, *, progress: bool
) -> list[Found]:
    """Apply a function to many files at once, in order, under a bar that says what is being done.

    The function should spend its time in code that releases the interpreter lock, as decoders do.
    """
    with ThreadPool(os.cpu_count() or 1) as pool:
        found = pool.imap(inspect, paths, chunksize=16)
        return list(tracked(found, len(paths), doing, unit="files", shown=progress))


def _inspect(path: str) -> tuple[str, int, int, str, bool, str]:
    try:
        data = read_bytes(path)
        pixels, header = decode_with_header(data)
    except UnusableImage as error:
        return error.reason, 0, 0, "", False, ""
    if reason := too_small(pixels):
        return reason, 0, 0, "", False, ""
    height, width = pixels.shape[:2]
    return "", width, height, header.format, header.plain, hashlib.sha256(data).hexdigest()


def fingerprint_of(usable: pd.DataFrame) -> str:
    """SHA-256 over labels and contents, from the columns label and sha256."""
    lines = sorted(usable["label"].astype(str) + " " + usable["sha256"])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def require_classes(examples: pd.DataFrame, usable: pd.DataFrame, damaged: pd.DataFrame) -> None:
    """Refuse data of which not one file of a class can be used.

    Args:
        examples: all images, with ``label``.
        usable: those that can be used.
        damaged: ``path`` and ``reason`` of the others, indexed as in `examples`.

    Raises:
        UserError: a class has none left; the first of its files is named.
    """
    for label in set(examples["label"]) - set(usable["label"]):
        name = CLASS_NAMES[label]
        first = damaged.loc[examples["label"][damaged.index] == label].iloc[0]
        raise UserError(
            f"not one of the {name} images can be read; the first is {first['path']}: "
            f"{first['reason']}"
        )
