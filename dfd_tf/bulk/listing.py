"""Which files are to be judged: by pattern, folder, list or table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator

import pyarrow.parquet
from apache_beam.io.filesystems import FileSystems

from dfd_tf.detectors.reading import expand_paths
from dfd_tf.errors import UserError

COLUMN = "path"
_WILD = frozenset("*?[")


def list_files(inputs: Iterable[str]) -> Iterator[str]:
    """The files that inputs stand for, one by one, in an order that does not change.

    Args:
        inputs: image files, folders (all visible files below them), patterns such as
            `gs://photos/**.jpg`, lists (.txt, a path a line), tables with a column `path` (.csv,
            .parquet); on any file system that Beam reads.

    Raises:
        UserError: a list cannot be read or has no such column, or a pattern fits nothing.
    """
    for given in inputs:
        read = _LISTS.get(os.path.splitext(given)[1].lower())
        if read:
            yield from _read_list(given, read)
        elif os.path.exists(given):
            yield from expand_paths([given])
        elif _WILD & set(given):
            yield from _fitting(given)
        else:
            yield given  # judged as what it is: no such file


def _read_list(path: str, read: Callable[[str], Iterator[str]]) -> Iterator[str]:
    try:
        yield from read(path)
    except (OSError, KeyError, ValueError) as error:
        raise UserError(
            f"--input {path} cannot be read as a list of files ({error}). Give a .txt with a path "
            f"a line, or a .csv or .parquet with a column {COLUMN!r}."
        ) from None


def _lines(path: str) -> Iterator[str]:
    with FileSystems.open(path) as content:
        for line in io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape"):
            if line.strip():
                yield line.rstrip("\r\n")


def _csv(path: str) -> Iterator[str]:
    with FileSystems.open(path) as content:
        text = io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield from (row[COLUMN] for row in csv.DictReader(text))


def _parquet(path: str) -> Iterator[str]:
    with FileSystems.open(path) as content:
        for batch in pyarrow.parquet.ParquetFile(content).iter_batches(columns=[COLUMN]):
            yield from batch.column(COLUMN).to_pylist()


_LISTS = {".txt": _lines, ".csv": _csv, ".parquet": _parquet}


def _fitting(pattern: str) -> Iterator[str]:
    (found,) = FileSystems.match([pattern])
    if not found.metadata_list:
        raise UserError(f"--input {pattern}: no file fits this pattern.")
    yield from sorted(metadata.path for metadata in found.metadata_list)
