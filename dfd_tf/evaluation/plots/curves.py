"""Figures of curves: ROC, precision and recall, and the course of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import det_curve, precision_recall_curve, roc_curve

from dfd_tf.calibration import Calibration, risk_coverage
from dfd_tf.reporting.numbers import percent, with_interval
from dfd_tf.reporting.style import (
    ACCENT,
    GUIDE,
    INK,
    MUTED,
    SURFACE,
    house_style,
    new_figure,
    share_axis,
)

MARKERS = ("o", "s", "D")
DET_TICKS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)


@house_style()
def draw_roc(
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    metrics: Mapping[str, Any],
    calibration: Calibration,
) -> Figure:
    """The ROC curve with the points at which the stored thresholds came to lie."""
    figure = new_figure()
    axes = figure.subplots()
    fpr, tpr, _ = roc_curve(labels, scores)
    axes.plot([0, 1], [0, 1], **GUIDE)
    axes.plot(fpr, tpr, color=INK)
    for marker, threshold in zip(MARKERS, calibration.thresholds, strict=True):
        alarm = scores >= threshold.value
        x, y = alarm[labels == 0].mean(), alarm[labels == 1].mean()
        label = f"set at {percent(threshold.fpr)}: {percent(x)} accused, {percent(y)} found"
        _mark(axes, x, y, marker, label)
    share_axis(axes.xaxis)
    share_axis(axes.yaxis)
    axes.set(
        title=f"ROC curve, AUC {with_interval(metrics['auc'])}",
        xlabel="real photos wrongly accused (FPR)",
        ylabel="fake photos found (TPR)",
    )
    axes.legend(loc="lower right", title="thresholds from validation", alignment="left")
    return figure


@house_style()
def draw_precision_recall(
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    metrics: Mapping[str, Any],
    calibration: Calibration,
) -> Figure:
    """Precision against recall, with the share of fakes as the line of a blind guess."""
    figure = new_figure()
    axes = figure.subplots()
    precision, recall, _ = precision_recall_curve(labels, scores)
    share = labels.mean()
    axes.axhline(share, label="guessing", **GUIDE)
    axes.plot(recall, precision, color=INK, drawstyle="steps-post")
    for marker, threshold in zip(MARKERS, calibration.thresholds, strict=True):
        alarm = scores >= threshold.value
        if alarm.any():
            x, y = alarm[labels == 1].mean(), labels[alarm].mean()
            _mark(axes, x, y, marker, f"threshold set at {percent(threshold.fpr)}")
    share_axis(axes.xaxis)
    share_axis(axes.yaxis)
    axes.set(
        title=f"Precision and recall, AP {with_interval(metrics['average_precision'])}",
        xlabel="fake photos found (recall)",
        ylabel="alarms that are right (precision)",
    )
    axes.legend(loc="best")
    return figure


@house_style()
def draw_det(
    labels: NDArray[np.int64], scores: NDArray[np.float64], calibration: Calibration
) -> Figure:
    """Both kinds of error on axes that spread the small ones (Martin et al. 1997)."""
    figure = new_figure()
    axes = figure.subplots()
    fpr, fnr, _ = det_curve(labels, scores)
    # An error of 0 lies infinitely far off: the curve ends at half an image of the class.
    ends = [(0.5 / np.sum(labels == label), 1 - 0.5 / np.sum(labels == label)) for label in (0, 1)]
    x, y = (norm.ppf(np.clip(r, *end)) for r, end in zip((fpr, fnr), ends, strict=True))
    axes.plot(x, y, color=INK, drawstyle="steps-post")
    guide = norm.ppf([0.0005, 0.9])
    axes.plot(guide, guide, **GUIDE)
    for marker, threshold in zip(MARKERS, calibration.thresholds, strict=True):
        alarm = scores >= threshold.value
        point = alarm[labels == 0].mean(), 1 - alarm[labels == 1].mean()
        place = [norm.ppf(np.clip(r, *end)) for r, end in zip(point, ends, strict=True)]
        said = f"set at {percent(threshold.fpr)}: {percent(point[0])}, {percent(point[1])}"
        _mark(axes, float(place[0]), float(place[1]), marker, said)
    ticks = [percent(tick).replace("\u00a0", " ") for tick in DET_TICKS]
    axes.set_xticks(norm.ppf(DET_TICKS), ticks, fontsize=8)
    axes.set_yticks(norm.ppf(DET_TICKS), ticks, fontsize=8)
    limits = norm.ppf([0.0008, 0.85])
    axes.set(
        title="Both errors (DET curve)",
        xlabel="real photos wrongly accused",
        ylabel="fake photos missed",
        xlim=limits,
        ylim=limits,
    )
    axes.legend(loc="best", title="thresholds: accused, missed", alignment="left")
    return figure


@house_style()
def draw_risk_coverage(
    labels: NDArray[np.int64], scores: NDArray[np.float64], calibration: Calibration
) -> Figure:
    """How the share of wrong verdicts falls as more doubtful photos get none."""
    figure = new_figure()
    axes = figure.subplots()
    coverage, risk, _ = risk_coverage(scores, labels, calibration)
    axes.plot(coverage, risk, color=INK)
    if calibration.selective is not None:
        bound = calibration.selective.max_error
        axes.axhline(bound, **GUIDE, label=f"bound on validation: {percent(bound)}")
    low, high = calibration.band
    given = (scores < low) | (scores >= high)
    if given.any():
        wrong = float(np.mean((scores >= high)[given] != (labels == 1)[given]))
        said = f"the verdicts given: {percent(given.mean())}, wrong {percent(wrong)}"
        _mark(axes, float(given.mean()), wrong, "o", said)
    share_axis(axes.xaxis)
    axes.set_ylim(-0.01, max(0.12, float(risk.max()) * 1.15))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set(
        title="Wrong verdicts, the surest first",
        xlabel="photos that get a verdict",
        ylabel="wrong among these",
    )
    axes.legend(loc="best")
    return figure


@house_style()
def draw_learning_curves(history: pd.DataFrame) -> Figure:
    """Loss, AUC and learning rate by epoch, as far as `history` has them as columns."""
    figure = new_figure()
    grid = figure.add_gridspec(2, 2, height_ratios=(3.2, 1))
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    _plot_history(left, history, "loss")
    _plot_history(right, history, "auc")
    left.set_title("Loss")
    right.set_title("AUC")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    rate = figure.add_subplot(grid[1, :])
    if "learning_rate" in history:
        rate.plot(history["epoch"], history["learning_rate"], color=INK, linewidth=1.5)
    rate.set(xlabel="epoch", ylabel="learning\nrate")
    for axes in (left, right, rate):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _mark(axes: Axes, x: float, y: float, marker: str, label: str) -> None:
    axes.plot(
        x, y, marker, color=ACCENT, markersize=9, markeredgecolor=SURFACE, label=label, zorder=3
    )


def _plot_history(axes: Axes, history: pd.DataFrame, quantity: str) -> None:
    pairs = ((quantity, MUTED, "training"), (f"val_{quantity}", ACCENT, "validation"))
    for name, colour, label in pairs:
        if name in history:
            axes.plot(history["epoch"], history[name], color=colour, label=label)
