"""Tables as people save them: by other programs, in other encodings, with other separators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.errors import UserError

_SEPARATORS = (",", ";", "\t", "|")


class CsvRows(NamedTuple):
    """The content of a table: the columns' names as written, and a dictionary a row."""

    columns: list[str]
    rows: list[dict[str, str]]

    def column(self, *names: str) -> str | None:
        """The first of some names that is a column, whatever its case and separators."""
        known = {squash(column): column for column in reversed(self.columns)}
        return next((known[squash(name)] for name in names if squash(name) in known), None)


def read_csv(path: Path) -> CsvRows:
    """Read a table separated by commas, semicolons, tabs or bars, in UTF-8, UTF-16 or Windows-1252.

    Raises:
        UserError: it cannot be read, is empty, or a line has another number of cells than the
            first, which names the columns.
    """
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        raise UserError(f"the table {path} cannot be read ({error.strerror})") from None
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        raise UserError(f"the table {path} cannot be read as CSV: {error}") from None
    if not lines:
        raise UserError(f"the table {path} is empty: expected a first line with column names")
    (_, head), *rest = lines
    columns = [name.strip() for name in head]
    for number, cells in rest:
        if len(cells) != len(columns):
            raise UserError(
                f"{path}, line {number} has {len(cells)} cells, but the first line names "
                f"{len(columns)} columns ({', '.join(columns)}): complete or remove the line"
            )
    return CsvRows(columns, [dict(zip(columns, cells, strict=True)) for _, cells in rest])


def column_names(path: Path) -> list[str]:
    """What the first line of a table says, as `read_csv` would read it; [] if that is nothing."""
    try:
        head = _decode(path.read_bytes())
        return [name.strip() for name in next(_lines(head), (0, []))[1]]
    except (OSError, csv.Error):
        return []


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not blank."""
    first = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells
