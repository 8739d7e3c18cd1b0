"""Figures of an audit: how well each trait separates, and who carries which value."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dfd_tf.auditing.shortcut_findings import HEADER_FINDING, PIXEL_FINDING, PIXEL_WARNING
from dfd_tf.reporting.style import (
    ACCENT,
    FAKE,
    GUIDE,
    INK,
    MUTED,
    REAL,
    house_style,
    new_figure,
    share_axis,
)

VALUES_SHOWN = 6


def draw_audit(
    traits: pd.DataFrame, values: pd.DataFrame
) -> tuple[dict[str, Figure], dict[str, str]]:
    """Every figure and its caption, by name.

    Args:
        traits: first table of `find_shortcuts`.
        values: second table of `find_shortcuts`.
    """
    figures, captions = {}, {}
    for number, source in enumerate(traits["source"].unique(), start=1):
        name = f"separability_{number}_{_slug(source)}"
        figures[name] = draw_separability(traits[traits["source"] == source], source)
        captions[name] = (
            "How well each trait alone tells real from fake, with 95 % intervals; 0.5 is guessing. "
            "Dashed: the levels from which on it counts, for file headers and for pixels."
        )
    uneven = values[(values["share_fake"] - values["share_real"]).abs() > 0]
    parts = uneven[["source", "trait"]].drop_duplicates().to_numpy()
    for number, (source, trait) in enumerate(parts, start=1):
        rows = uneven[(uneven["source"] == source) & (uneven["trait"] == trait)]
        name = f"values_{number}_{_slug(f'{source}_{trait}')}"
        figures[name] = draw_values(rows.head(VALUES_SHOWN), f"{trait}, {source}")
        captions[name] = (
            f"Which share of each class carries the most telling values of: {trait}. Bars of like "
            "length are harmless."
        )
    return figures, captions


@house_style()
def draw_separability(rows: pd.DataFrame, source: str) -> Figure:
    """The AUC of every trait of a source, with its interval."""
    figure = new_figure()
    axes = figure.subplots()
    places = np.arange(len(rows))[::-1]
    n_header = int(rows["in_header"].sum())
    edge = len(rows) - n_header - 0.5  # between the header traits, above, and those of pixels
    axes.axvline(0.5, color=MUTED, linewidth=1)
    axes.vlines(HEADER_FINDING, edge, len(rows) - 0.5, **_dashed(ACCENT))
    axes.vlines(PIXEL_WARNING, -0.5, edge, **_dashed(MUTED))
    axes.vlines(PIXEL_FINDING, -0.5, edge, **_dashed(ACCENT))
    for place, row in zip(places, rows.itertuples(), strict=True):
        _mark(axes, float(place), row)
    axes.set_yticks(places, list(rows["trait"]))
    axes.set(xlim=(0.2, 1.02), ylim=(-0.5, len(rows) - 0.5), xlabel="AUC")
    axes.set_title(_shortened(f"What separates: {source}", 40))
    axes.grid(axis="y", visible=False)
    return figure


@house_style()
def draw_values(rows: pd.DataFrame, title: str) -> Figure:
    """The share of each class that carries each value."""
    figure = new_figure()
    axes = figure.subplots()
    places = np.arange(len(rows))[::-1]
    for offset, share, colour, name in (
        (0.2, "share_real", REAL, "real"),
        (-0.2, "share_fake", FAKE, "fake"),
    ):
        axes.barh(places + offset, rows[share], height=0.36, color=colour, label=name)
    axes.set_yticks(places, [_shortened(str(value)) for value in rows["value"]])
    share_axis(axes.xaxis)
    axes.set(title=_shortened(title[0].upper() + title[1:], 40), xlabel="share of the class")
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


# A row of `find_shortcuts`' table is a named tuple whose type pandas does not know.
def _mark(axes: Axes, place: float, row) -> None:  # type: ignore[no-untyped-def]
    if pd.isna(row.auc):
        axes.text(0.57, place, "too few files", va="center", color=MUTED, fontsize=9)
        return
    if pd.isna(row.low):
        axes.text(0.57, place, "alike in all", va="center", color=MUTED, fontsize=9)
        return
    limit = HEADER_FINDING if row.in_header else PIXEL_WARNING
    colour = ACCENT if row.low > limit else INK
    axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2)
    axes.plot(row.auc, place, "o", color=colour)


def _dashed(colour: str) -> dict[str, Any]:
    return {"colors": colour, "linewidth": 1, "linestyles": [GUIDE["linestyle"]]}


def _shortened(text: str, length: int = 22) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
