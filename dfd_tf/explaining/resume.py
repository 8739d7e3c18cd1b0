"""Go on with a folder of explanations that was interrupted."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.explaining.sheet import PER_SHEET

Row = dict[str, str]
TABLE, MADE_BY = "explain.csv", "explain.json"


def finished_rows(
    out: Path, made_with: Mapping[str, str], paths: Sequence[str | Path]
) -> list[Row]:
    """Rows of the table that need not be made again: those up to the last full contact sheet.

    None where the folder is new, or was made by another detector or method, of other files, or of
    files that have changed since.

    Args:
        out: the folder.
        made_with: see `signature`.
        paths: of all files, in order.
    """
    table, made_by = out / TABLE, out / MADE_BY
    if not (table.exists() and made_by.exists()):
        return []
    if json.loads(made_by.read_text(encoding="utf-8")) != made_with:
        return []
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows = rows[: _end_of_full_sheets(rows)]
    changed = any(
        row["path"] != str(path) or Path(path).stat().st_mtime > table.stat().st_mtime
        for row, path in zip(rows, paths, strict=False)
    )
    return [] if changed or len(rows) > len(paths) else rows


def drop_others(out: Path, kept: Sequence[Row]) -> None:
    """Remove the pictures of an earlier table that are no part of the new one.

    Only what that table names is removed, and contact sheets that begin after what is kept.

    Args:
        out: the folder.
        kept: see `finished_rows`.
    """
    if not (out / TABLE).exists():
        return
    with (out / TABLE).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = _pictures(rows) - _pictures(kept)
    full = sum(bool(row["picture"]) for row in kept) // PER_SHEET
    sheets = sorted(path.name for path in out.glob("sheet_*.png"))
    for name in [*names, *sheets[full:]]:
        if Path(name).name == name:  # a table from elsewhere names nothing outside
            (out / name).unlink(missing_ok=True)


def _pictures(rows: Sequence[Row]) -> set[str]:
    return {row[key] for row in rows for key in ("picture", "heat") if row.get(key)}


def signature(detector: Detector, method: str, faces: Faces) -> dict[str, str]:
    """What maps depend on beside the files."""
    return {"weights_sha256": detector.info.weights_sha256, "method": method, "faces": faces}


def _end_of_full_sheets(rows: Sequence[Row]) -> int:
    explained = [number for number, row in enumerate(rows, start=1) if row["picture"]]
    on_full_sheets = len(explained) // PER_SHEET * PER_SHEET
    return explained[on_full_sheets - 1] if on_full_sheets else 0
