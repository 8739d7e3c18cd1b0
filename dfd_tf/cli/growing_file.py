"""A file of judgements that grows as they come, and is gone on with after a kill."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from dfd_tf.errors import UserError

RESUMABLE = ("csv", "jsonl")


class GrowingFile:
    """Written beside its place as NAME.part, and put there when it is whole.

    So an older file is kept until the new one is finished.

    Args:
        path: of the finished file; its folder is made if absent.
        resume: whether to write on at the end of NAME.part.

    Raises:
        UserError: nothing can be written there; found out before any work is done.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path = path
        self.unfinished = unfinished(path)
        self.goes_on = resume and self.unfinished.exists() and self.unfinished.stat().st_size > 0
        if path.is_dir():
            raise UserError(f"--out {path} is a folder; name a file in it.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = self.unfinished.open(
                "a" if resume else "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
        except OSError as error:
            raise UserError(
                f"--out {path} cannot be written ({error.strerror}). Name another file."
            ) from None

    def write(self, text: str) -> None:
        """Add text, and hand it to the system at once.

        Raises:
            UserError: the disk is full, or gone; what was written before stays in NAME.part.
        """
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise UserError(
                f"{self.unfinished} cannot be written on ({error.strerror}). What is in it is "
                "kept: make room and go on with --resume."
            ) from None

    def finish(self) -> None:
        """Put the file where it belongs."""
        self._file.close()
        os.replace(self.unfinished, self.path)


def unfinished(path: Path) -> Path:
    """Where a file grows until it is whole."""
    return path.with_name(path.name + ".part")


def left_to_do(path: Path, form: str, files: Iterator[str]) -> Iterator[str]:
    """The files that an interrupted run has not judged yet.

    The rows of the last file in NAME.part may not be all of its rows: they are taken out, and the
    file is judged again.

    Args:
        path: of the finished file.
        form: one of `RESUMABLE`.
        files: all that are to be judged, in order.

    Raises:
        UserError: NAME.part holds other files, or others in their place.
    """
    part = unfinished(path)
    if not part.exists():
        return files
    last, end = None, 0
    with part.open("rb") as content:
        for place, file in _PATHS[form](content):
            if file == last:
                continue
            if file != next(files, None):
                raise UserError(
                    f"{part} holds judgements of other files than those given (first {file}). "
                    "Give the same paths in the same order, or leave --resume out."
                )
            last, end = file, place
    os.truncate(part, end)
    return files if last is None else chain([last], files)


def _csv_paths(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Where each whole row begins, in bytes, and its path."""
    from dfd_tf.detectors.detector import COLUMNS

    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield line.decode("utf-8")

    start = 0
    try:
        for row in csv.reader(lines(), strict=True):
            if row != list(COLUMNS):
                yield start, row[0]
            start = end
    except csv.Error:  # the kill came between two lines of one row
        return


def _json_lines_paths(file: BinaryIO) -> Iterator[tuple[int, str]]:
    start = 0
    for line in file:
        if not line.endswith(b"\n"):
            return
        yield start, json.loads(line)["path"]
        start += len(line)


_PATHS = {"csv": _csv_paths, "jsonl": _json_lines_paths}
