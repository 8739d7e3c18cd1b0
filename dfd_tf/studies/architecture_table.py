"""The table of architectures side by side: markdown for readers, JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfd_tf.evaluation.metrics import Interval
from dfd_tf.reporting.markdown import markdown_table, write_rows
from dfd_tf.reporting.numbers import with_interval

_COSTS = ("parameters, M", "multiply-adds, M", "training, images/s", "inference, images/s")


@dataclass(frozen=True)
class Row:
    """One architecture.

    Attributes:
        name: of its configuration, with "+cbam" where it has attention.
        start: of its weights: "random" or what they were trained on.
        parameters: all, moving statistics included.
        multiply_adds: for one image, where they are known.
        auc: by source and split.
        degraded: over all test photos, by step of the robustness protocol.
        training_speed: images per second, where it was measured.
        inference_speed: the same.
    """

    name: str
    start: str
    parameters: int
    multiply_adds: int | None
    auc: dict[str, Interval]
    degraded: dict[str, Interval]
    training_speed: float | None = None
    inference_speed: float | None = None


def write_table(out: Path, rows: Sequence[Row]) -> str:
    """Write table.json and table.md; return the latter's text."""
    table = markdown(rows)
    write_rows(out, "table", rows, table)
    return table


def markdown(rows: Sequence[Row]) -> str:
    """Rows are architectures, best first by the AUC over the clean test photos."""
    cells = list(dict.fromkeys(cell for row in rows for cell in row.auc))
    steps = list(dict.fromkeys(step for row in rows for step in row.degraded))
    head = [
        "detector",
        "start",
        *cells,
        *(f"all tests, {step}" for step in steps),
        *_COSTS,
    ]
    ranked = sorted(rows, key=_clean_auc, reverse=True)
    return markdown_table(head, (_cells_of(row, cells, steps) for row in ranked), _COSTS)


def _clean_auc(row: Row) -> float:
    """AUC over all clean test photos; those that have none come last."""
    first = next(iter(row.degraded.values()), None)
    return (first["value"] or 0.0) if first else 0.0


def _cells_of(row: Row, cells: Sequence[str], steps: Sequence[str]) -> list[str]:
    return [
        f"`{row.name}`",
        row.start,
        *(_auc(row.auc, cell) for cell in cells),
        *(_auc(row.degraded, step) for step in steps),
        f"{row.parameters / 1e6:.2f}",
        _whole(row.multiply_adds, 1e6),
        _whole(row.training_speed),
        _whole(row.inference_speed),
    ]


def _auc(found: dict[str, Interval], key: str) -> str:
    return with_interval(found[key]) if key in found else "-"


def _whole(number: float | None, unit: float = 1) -> str:
    return "-" if number is None else f"{number / unit:,.0f}"
