"""The house style of all figures, and the two forms in which they leave: PNG and inline SVG.

Real is always blue, fake always vermilion (two colours of Okabe and Ito that every kind of colour
vision tells apart); what belongs to neither class is drawn in ink or in the accent colour.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axis import Axis, XAxis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import PercentFormatter

REAL = "#0072b2"
FAKE = "#d55e00"
ACCENT = "#6b4fbb"
INK = "#1c2430"
MUTED = "#667080"
GRID = "#dfe3e8"
SURFACE = "#ffffff"

SIZE = (6.0, 4.5)  # inches
DPI = 160

# How lines that only guide the eye are drawn.
GUIDE: dict[str, Any] = {"color": MUTED, "linewidth": 1, "linestyle": (0, (4, 4))}

# A page redefines these to show the same figure on a dark ground.
CSS_VARIABLES = {
    REAL: "--real",
    FAKE: "--fake",
    ACCENT: "--accent",
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    SURFACE: "--surface",
}

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so figures are the same everywhere
    "font.size": 11,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlecolor": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "figure.facecolor": SURFACE,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "svg.fonttype": "path",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Figures made inside look alike; the caller's settings of matplotlib stay as they were.

    It also serves as a decorator, `@house_style()`.
    """
    with matplotlib.rc_context(_SETTINGS):
        yield


def new_figure() -> Figure:
    """An empty figure of the common size; outside pyplot, so nothing has to be closed."""
    return Figure(figsize=SIZE, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))


def share_axis(axis: Axis, *, percent: bool = True) -> None:
    """Runs an axis of shares or scores from 0 to 1, with room for a line on the border."""
    axis.set_ticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    # Through the axes, because only their limits are passed on to panels that share them.
    set_limits = axis.axes.set_xlim if isinstance(axis, XAxis) else axis.axes.set_ylim
    set_limits(-0.015, 1.015)
    if percent:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def save_png(figure: Figure, path: str | Path) -> None:
    """Writes a PNG; the same figure gives the same bytes."""
    with house_style():
        figure.savefig(path, format="png", dpi=DPI)


def save_pngs(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Writes every figure into the folder, which is made if absent, as NAME.png."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        save_png(figure, folder / f"{name}.png")


def inline_svg(figure: Figure, name: str) -> str:
    """The figure as an `<svg>` element that takes its colours from the page's CSS variables.

    Args:
        figure: A figure in the house style.
        name: Unique on the page; it precedes all ids, so that no two figures share one.
    """
    buffer = io.StringIO()
    with house_style(), matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for colour, variable in CSS_VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg
