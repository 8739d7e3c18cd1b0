"""How judgements are written: for people on a terminal, and as CSV, JSON and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Judgement
    from dfd_tf.detectors.recordings import RecordingJudgement

_COLOURS = {"real": "32", "fake": "31;1", "inconclusive": "33"}
_MUTED = "2"
_INDENT = 23  # where the table's third column begins

Row = Union["Judgement", "RecordingJudgement"]
Rows = Iterable[Sequence[Row]]  # those of one file after the other


def as_csv(files: Rows) -> Iterator[str]:
    """A header, then the rows of each file."""
    from dfd_tf.detectors.detector import COLUMNS

    yield _csv_lines([COLUMNS])
    for rows in files:
        yield _csv_lines([_cells(row) for row in rows])


def as_json_lines(files: Rows) -> Iterator[str]:
    """An object a line."""
    for rows in files:
        yield "".join(json.dumps(row.as_row()) + "\n" for row in rows)


def as_json(files: Rows) -> Iterator[str]:
    """One list of objects."""
    before = "[\n  "
    for rows in files:
        for row in rows:
            yield before + json.dumps(row.as_row(), indent=2).replace("\n", "\n  ")
            before = ",\n  "
    yield "[]\n" if before.startswith("[") else "\n]\n"


def as_table(files: Rows) -> Iterator[str]:
    """A line a row, for programs that read lines."""
    yield " P(fake)  verdict       file\n"
    for rows in files:
        for row in rows:
            notes = "; ".join(filter(None, (row.note, row.reason)))
            yield f"{_score(row)}  {row.verdict:12}  {printable(row.path)}  {notes}".rstrip() + "\n"


def as_screen(files: Rows) -> Iterator[str]:
    """The table for people: coloured, paths shortened, reasons wrapped below their photo."""
    width = max(60, shutil.get_terminal_size().columns)
    yield _coloured(" P(fake)  verdict       file", _MUTED) + "\n"
    for rows in files:
        for row in rows:
            verdict = _coloured(f"{row.verdict:12}", _COLOURS.get(row.verdict, _MUTED))
            note = row.note
            path = shortened(printable(row.path), width - _INDENT - len(note) - 2)
            yield f"{_score(row)}  {verdict}  {path}  {_coloured(note, _MUTED)}".rstrip() + "\n"
            for line in textwrap.wrap(row.reason, width - _INDENT, break_long_words=False):
                yield " " * _INDENT + _coloured(line, _MUTED) + "\n"


WRITERS: dict[str, Callable[[Rows], Iterator[str]]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "jsonl": as_json_lines,
}


def printable(path: str) -> str:
    """A path without characters that could move the cursor or are no text."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def shortened(path: str, width: int) -> str:
    """A path of at most so many characters: what is left out in its middle is an ellipsis."""
    if len(path) <= width:
        return path
    tail = path[-(2 * width // 3) :]
    return path[: width - len(tail) - 1] + "\u2026" + tail


def _score(row: Row) -> str:
    return "       -" if math.isnan(row.score) else f"{row.score:8.4f}"


def _coloured(text: str, code: str) -> str:
    return text if not text or os.environ.get("NO_COLOR") else f"\033[{code}m{text}\033[0m"


def _cells(row: Row) -> list[Any]:
    score = "" if row.rounded is None else f"{row.rounded:.6f}"
    return [row.path, score, row.verdict, row.reason, *(row.box or [""] * 4)]


def _csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
