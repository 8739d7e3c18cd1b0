"""The comparison of one-class detectors: a table as markdown and JSON, and one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dfd_tf.evaluation.metrics import Interval
from dfd_tf.reporting.markdown import markdown_table, write_rows
from dfd_tf.reporting.numbers import with_interval
from dfd_tf.reporting.style import ACCENT, INK, MUTED, house_style, new_figure, save_png

SWEPT = "DeepSAD"


@dataclass(frozen=True)
class Row:
    """One detector of the comparison.

    Attributes:
        detector: in words.
        fakes: what share of the training fakes it was shown.
        auc: by source and split, see `auc_by_cell`.
        left_out: the source that it was not trained on, if it is in the data.
    """

    detector: str
    fakes: float
    auc: dict[str, Interval]
    left_out: str = ""


def write_comparison(out: Path, rows: Sequence[Row]) -> str:
    """Write one_class.json, one_class.md and, of a sweep, auc_by_fraction.png; return the table."""
    table = markdown(rows)
    write_rows(out, "one_class", rows, table)
    swept = [row for row in rows if row.detector == SWEPT]
    if len({row.fakes for row in swept}) > 1:
        save_png(draw_sweep(swept), out / "auc_by_fraction.png")
    return table


def markdown(rows: Sequence[Row]) -> str:
    """Rows are detectors, columns sources and splits, cells AUC with its 95 % interval."""
    cells = list(dict.fromkeys(cell for row in rows for cell in row.auc))
    shown = "fakes shown"
    return markdown_table(
        ["detector", shown, *cells], [_cells_of(row, cells) for row in rows], [shown]
    )


def _cells_of(row: Row, cells: Sequence[str]) -> list[str]:
    name = f"{row.detector}, without {row.left_out}" if row.left_out else row.detector
    found = [with_interval(row.auc[cell]) if cell in row.auc else "-" for cell in cells]
    return [name, percentage(row.fakes), *found]


@house_style()
def draw_sweep(rows: Sequence[Row]) -> Figure:
    """AUC against the fraction of the training fakes that was shown, a panel for each source."""
    cells = [cell for cell in rows[0].auc if cell.endswith(" test")] or list(rows[0].auc)
    figure = new_figure()
    grid = np.ravel(figure.subplots(-(-len(cells) // 2), min(2, len(cells)), squeeze=False))
    for axes in grid[len(cells) :]:
        axes.set_axis_off()
    for axes, cell in zip(grid, cells, strict=False):
        axes.axhline(0.5, color=MUTED, linewidth=1)
        for left_out, colour in (("", ACCENT), (cell.rsplit(" ", 1)[0], INK)):
            label = "never shown this source" if left_out else "shown fakes of this source too"
            part = [row for row in rows if row.left_out == left_out and cell in row.auc]
            _line(axes, part, cell, colour, label)
        axes.set_title(cell, fontsize=11)
        axes.set_ylim(0.25, 1.02)
    handles = {
        label: h for a in grid for h, label in zip(*a.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=2)
    # An axis label below all panels would lie on the legend.
    figure.suptitle(
        "AUC by share of the training fakes that was shown", x=0.01, ha="left", weight="bold"
    )
    return figure


def percentage(share: float) -> str:
    """Such as "5 %"."""
    return f"{100 * share:g} %"


def _line(axes: Axes, rows: Sequence[Row], cell: str, colour: str, label: str) -> None:
    """Fractions stand at equal distances: they span two orders of magnitude, and zero."""
    rows = sorted(rows, key=lambda row: row.fakes)
    if not rows:
        return
    places = range(len(rows))
    low, value, high = (
        [row.auc[cell][key] or np.nan for row in rows] for key in ("low", "value", "high")
    )
    axes.fill_between(places, low, high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(places, value, color=colour, marker="o", markersize=4, label=label)
    axes.set_xticks(places, [percentage(row.fakes) for row in rows])
