"""Figures of curves: ROC, precision and recall, and the course of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation.style import (
    ACCENT,
    GUIDE,
    INK,
    MUTED,
    SURFACE,
    house_style,
    new_figure,
    share_axis,
)
from dfd_tf.evaluation.wording import percent, with_interval

MARKERS = ("o", "s", "D")


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
