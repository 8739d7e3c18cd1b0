"""The matrix of `dfd study generators`: Markdown, JSON, and a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dfd_tf.evaluation.metrics import Interval
from dfd_tf.reporting.markdown import markdown_table, write_rows
from dfd_tf.reporting.numbers import with_interval
from dfd_tf.reporting.style import ACCENT, INK, MUTED, SURFACE, house_style, save_png

STEM = "generators"
CHANCE = 0.5


@dataclass(frozen=True)
class Row:
    """What a recipe reaches on each generator that it was not shown.

    Attributes:
        detector: whose frozen features are read.
        learned_from: which fakes it learned from.
        auc: by generator that was left out, its fakes against the reals of its own source.
        auc_other_reals: likewise, against the reals of all other sources.
        mean: of `auc`.
        worst: the generator with the lowest.
    """

    detector: str
    learned_from: str
    auc: dict[str, Interval]
    auc_other_reals: dict[str, Interval]
    mean: Interval
    worst: str


def write_matrix(out: Path, rows: Sequence[Row]) -> str:
    """Write generators.json, generators.md and generators.png; return the Markdown."""
    table = markdown(rows)
    write_rows(out, STEM, rows, table)
    save_png(draw_matrix(rows), out / f"{STEM}.png")
    return table


def markdown(rows: Sequence[Row]) -> str:
    """Two tables: against the reals of the generator's own source, and against all others."""
    generators = list(rows[0].auc)
    head = ["features", "learned from", *generators, "mean", "worst"]
    own = [
        [
            row.detector,
            row.learned_from,
            *(with_interval(row.auc[name]) for name in generators),
            with_interval(row.mean),
            row.worst,
        ]
        for row in rows
    ]
    others = [
        [
            row.detector,
            row.learned_from,
            *(with_interval(row.auc_other_reals[name]) for name in generators),
        ]
        for row in rows
    ]
    return (
        "AUC on each generator when it is left out of the training, against the reals of its "
        f"source\n\n{markdown_table(head, own)}\nThe same, against the reals of all other sources"
        f"\n\n{markdown_table(head[:-2], others)}"
    )


@house_style()
def draw_matrix(rows: Sequence[Row]) -> Figure:
    """AUC by recipe and left-out generator, and the mean beside them, dark where it is high."""
    generators = list(rows[0].auc)
    columns = [*generators, "mean"]
    cells = [[row.auc[name] for name in generators] + [row.mean] for row in rows]
    values = np.array(
        [[np.nan if c["value"] is None else c["value"] for c in row] for row in cells]
    )
    size = (3.2 + 1.15 * len(columns), 1.6 + 0.55 * len(rows))
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))
    axes = figure.subplots()
    shades = LinearSegmentedColormap.from_list("auc", [SURFACE, ACCENT])
    axes.imshow(values, cmap=shades, vmin=CHANCE, vmax=1.0, aspect="auto")
    for place, value in np.ndenumerate(values):
        colour = SURFACE if value > 0.8 else INK
        text = "–" if np.isnan(value) else f"{value:.2f}"  # noqa: RUF001
        axes.text(place[1], place[0], text, ha="center", va="center", color=colour)
    axes.axvline(len(generators) - 0.5, color=MUTED, linewidth=1)
    axes.set_xticks(range(len(columns)), columns, rotation=20, ha="right")
    labels = [f"{row.detector}: {row.learned_from}" for row in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("AUC on a generator that was left out (0.5: guessing)")
    return figure
