"""Figures of the robustness protocol: every step, and the curves of those with strengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dfd_tf.evaluation.robustness.protocol import CLEAN
from dfd_tf.reporting.style import (
    ACCENT,
    GUIDE,
    INK,
    MUTED,
    REAL,
    house_style,
    new_figure,
    share_axis,
)

CAPTIONS = {
    "auc_by_step": "How often a random fake scores above a random real photo after each "
    "degradation, with 95 % intervals. 0.5 is guessing; the dashed line is clean photos.",
    "auc_curves": "The same along each degradation, the stronger the further right, with 95 % "
    "intervals as a band.",
    "decision_curves": "What becomes of the decisions at the stored threshold: a detector that "
    "accuses more and more real photos must not be used on such photos as it stands.",
}

Steps = Mapping[str, Mapping[str, Any]]


def draw_robustness(steps: Steps) -> dict[str, Figure]:
    """Every figure by name.

    Args:
        steps: ``steps`` of `measure_robustness`.
    """
    figures = {"auc_by_step": draw_steps(steps)}
    if curves(steps):
        figures["auc_curves"] = draw_auc_curves(steps)
        figures["decision_curves"] = draw_decision_curves(steps)
    return figures


def curves(steps: Steps) -> dict[str, list[tuple[float, Mapping[str, Any]]]]:
    """For each kind with several strengths: (strength, step), from untouched to the strongest."""
    found = {}
    for kind in dict.fromkeys(step["kind"] for step in steps.values()):
        points = [(step["strength"], step) for step in steps.values() if step["kind"] == kind]
        untouched = points[0][1]["untouched"]
        points.sort(key=lambda point: abs(point[0] - untouched))
        if points[0][1]["axis"]:
            found[kind] = [(untouched, steps[CLEAN]), *points]
    return found


@house_style()
def draw_steps(steps: Steps) -> Figure:
    """The AUC of every step with its interval."""
    figure = new_figure()
    axes = figure.subplots()
    places = np.arange(len(steps))[::-1]
    for place, (name, step) in zip(places, steps.items(), strict=True):
        auc, colour = step["auc"], ACCENT if name == CLEAN else INK
        if auc["low"] is not None:
            axes.plot([auc["low"], auc["high"]], [place, place], color=colour, linewidth=2)
        axes.plot(auc["value"], place, "o", color=colour, markersize=5)
    axes.axvline(steps[CLEAN]["auc"]["value"], **GUIDE | {"color": ACCENT})
    axes.axvline(0.5, color=MUTED, linewidth=1)
    axes.set_yticks(places, list(steps), fontsize=9)
    axes.grid(axis="y", visible=False)
    axes.set(title="AUC after each degradation", xlabel="AUC")
    return figure


@house_style()
def draw_auc_curves(steps: Steps) -> Figure:
    """AUC along the strength of each degradation."""
    figure, panels = _panels(steps)
    for axes, points in panels:
        strengths = [strength for strength, _ in points]
        low, value, high = (
            np.array([step["auc"][key] for _, step in points], np.float64)
            for key in ("low", "value", "high")
        )
        axes.fill_between(strengths, low, high, color=ACCENT, alpha=0.16, linewidth=0)
        axes.plot(strengths, value, color=ACCENT, marker="o", markersize=4)
        axes.axhline(0.5, color=MUTED, linewidth=1)
        axes.set_ylim(np.nanmin([0.45, *low, *value]) - 0.02, 1.02)
    figure.suptitle("AUC", x=0.01, ha="left", weight="bold")
    return figure


@house_style()
def draw_decision_curves(steps: Steps) -> Figure:
    """Accuracy, false-positive rate and inconclusive share along each degradation."""
    figure, panels = _panels(steps)
    lines = (
        ("accuracy", INK, "accuracy"),
        ("fpr_at_threshold", REAL, "real photos accused"),
        ("inconclusive", MUTED, "inconclusive"),
    )
    for axes, points in panels:
        for key, colour, label in lines:
            values = [step[key] for _, step in points]
            values = [v["value"] if isinstance(v, Mapping) else v for v in values]
            axes.plot(
                [strength for strength, _ in points],
                values,
                color=colour,
                marker="o",
                markersize=4,
                label=label,
            )
        share_axis(axes.yaxis)
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle("Decisions at the stored threshold", x=0.01, ha="left", weight="bold")
    return figure


def _panels(
    steps: Steps,
) -> tuple[Figure, list[tuple[Axes, list[tuple[float, Mapping[str, Any]]]]]]:
    """A figure with one panel for each curve, its strength running to the right."""
    found = curves(steps)
    figure = new_figure()
    grid = np.ravel(figure.subplots(-(-len(found) // 2), min(2, len(found)), squeeze=False))
    for axes in grid[len(found) :]:
        axes.set_axis_off()
    panels = []
    for axes, points in zip(grid, found.values(), strict=False):
        axes.set_xlabel(points[-1][1]["axis"])
        if points[-1][0] < points[0][0]:
            axes.invert_xaxis()
        panels.append((axes, points))
    return figure, panels
