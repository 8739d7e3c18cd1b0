"""The picture of one explained image: photo, overlay, legend, checks, trace maps."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.explaining.finding import Finding, checks_in_words, seen_in_words
from dfd_tf.explaining.overlay import overlay, shrunk
from dfd_tf.explaining.page import Page
from dfd_tf.reporting.style import ACCENT, FAKE, INK, MUTED, REAL, house_style

VERDICT_COLOURS = {"real": REAL, "fake": FAKE, "inconclusive": MUTED}

# All lengths in inches.
_WIDTH, _MARGIN, _GAP = 9.0, 0.3, 0.25
_BAR = 1.0
_PANEL = (_WIDTH - 2 * _MARGIN - _GAP - _BAR) / 2
_TALLEST = 7.0
_HEADER, _LINE, _BANNER_LINE = 1.15, 0.21, 0.25
_TRACES_A_ROW, _TRACE_GAP, _TRACE_LABEL = 6, 0.1, 0.24
_CHARACTERS = 132


@house_style()
def draw_picture(finding: Finding, policy: Preprocessing) -> Figure:
    """Draw one image's explanation, from the header down to the trace maps."""
    height, width = finding.image.shape[:2]
    panel_height = min(_TALLEST, _PANEL * height / width)
    lines = _wrapped([seen_in_words(policy, finding.found.seen), *checks_in_words(finding)])
    warnings = _warnings(finding.sanity.failures)
    banner = _BANNER_LINE * len(warnings) + 0.12 if warnings else 0.0
    side = (_WIDTH - 2 * _MARGIN - (_TRACES_A_ROW - 1) * _TRACE_GAP) / _TRACES_A_ROW
    rows = -(-len(finding.traces) // _TRACES_A_ROW)
    traces = rows * (side + _TRACE_LABEL) + (0.45 if rows else 0)
    total = _HEADER + panel_height + 0.2 + banner + _LINE * len(lines) + traces + 0.35
    page = Page(_WIDTH, total)
    _header(page, finding)
    _panels(page, finding, panel_height)
    top = _HEADER + panel_height + 0.2
    _banner(page, warnings, top)
    page.text(_MARGIN, top + banner, "\n".join(lines), size=9, color=INK, linespacing=1.45)
    _traces(page, finding.traces, top + banner + _LINE * len(lines) + 0.1, side)
    return page.figure


def _header(page: Page, finding: Finding) -> None:
    name = shortened(Path(finding.path).name, 70)
    page.text(_MARGIN, 0.2, name, size=13, weight="bold", color=INK)
    colour = VERDICT_COLOURS[finding.verdict]
    judged = f"{finding.verdict}, P(fake) = {finding.score:.3f}"
    page.text(_MARGIN, 0.5, judged, size=11, weight="bold", color=colour)
    page.text(_MARGIN, 0.85, "image", size=10, color=MUTED)
    left = _MARGIN + _PANEL + _GAP
    words = f"where it speaks for “{finding.target}” ({finding.how})"
    page.text(left, 0.85, words, size=10, color=MUTED)


def _panels(page: Page, finding: Finding, height: float) -> None:
    found, image = finding.found, shrunk(finding.image)
    seen, heat = shrunk(found.seen), shrunk(found.heat)
    left = _MARGIN + _PANEL + _GAP
    plain = page.axes(_MARGIN, _HEADER, _PANEL, height)
    plain.imshow(image)
    covered = page.axes(left, _HEADER, _PANEL, height)
    covered.imshow(overlay(image, heat, found.target, seen))
    if not found.seen.all():
        for axes in (plain, covered):
            _outline(axes, seen, INK, "solid")
    if finding.shares and finding.region is not None:
        _outline(covered, shrunk(finding.region) > 0.5, "white", "dashed")
    _colour_bar(page, finding, left + _PANEL + 0.15, height)


def _outline(axes: Axes, mask: NDArray[np.bool_], colour: str, style: str) -> None:
    padded = np.pad(mask.astype(float), 1)  # closes outlines at the border
    places = [np.arange(side + 2) - 1 for side in mask.shape]
    axes.contour(
        places[1], places[0], padded, [0.5], colors=colour, linestyles=style, linewidths=1.4
    )
    axes.set_xlim(-0.5, mask.shape[1] - 0.5)
    axes.set_ylim(mask.shape[0] - 0.5, -0.5)


def _colour_bar(page: Page, finding: Finding, left: float, height: float) -> None:
    """The legend, blended over grey as the heat itself is."""
    axes = page.axes(left, _HEADER, 0.16, height)
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    grey = np.full((256, 1, 3), 150, np.uint8)
    axes.imshow(overlay(grey, ramp, finding.found.target), aspect="auto", origin="lower")
    page.text(left + 0.22, _HEADER - 0.03, "most", size=9, color=INK)
    page.text(left + 0.22, _HEADER + height - 0.13, "none", size=9, color=INK)
    words = f"speaks for {finding.target},\nrelative to this image"
    axes.text(
        2.2, 0.5, words, transform=axes.transAxes, rotation=90, va="center", size=9, color=MUTED
    )


def _banner(page: Page, warnings: list[str], top: float) -> None:
    if not warnings:
        return
    height = _BANNER_LINE * len(warnings)
    axes = page.axes(_MARGIN, top, _WIDTH - 2 * _MARGIN, height)
    axes.set_facecolor(ACCENT)
    axes.text(
        0.012,
        0.5,
        "\n".join(warnings),
        va="center",
        size=10,
        weight="bold",
        color="white",
        parse_math=False,
    )


def _traces(page: Page, traces: dict[str, NDArray[np.float32]], top: float, side: float) -> None:
    if not traces:
        return
    page.text(
        _MARGIN,
        top,
        "AMTEN's trace maps of the first view, each stretched to its own range",
        size=10,
        color=MUTED,
    )
    for index, (name, values) in enumerate(traces.items()):
        row, column = divmod(index, _TRACES_A_ROW)
        left = _MARGIN + column * (side + _TRACE_GAP)
        upper = top + 0.3 + row * (side + _TRACE_LABEL)
        page.axes(left, upper, side, side).imshow(values, cmap="gray", vmin=0, vmax=1)
        page.text(left, upper + side + 0.02, name, size=8, color=MUTED)


def shortened(name: str, most: int) -> str:
    """A file name on one line: no characters that draw nothing, its middle left out if long."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    if len(clean) <= most:
        return clean
    half = (most - 1) // 2
    return f"{clean[:half]}…{clean[-half:]}"


def _warnings(failures: list[str]) -> list[str]:
    return ["This map is not to be trusted.", *_wrapped(failures, 100)] if failures else []


def _wrapped(sentences: list[str], width: int = _CHARACTERS) -> list[str]:
    return [line for sentence in sentences for line in textwrap.wrap(sentence, width)]
