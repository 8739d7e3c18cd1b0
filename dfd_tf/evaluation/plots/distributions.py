"""Figures of how scores and decisions are spread: histogram, confusion, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation.metric_records.record import METRICS
from dfd_tf.evaluation.weighted import ECE_BINS, WeightedScores, score_bins
from dfd_tf.reporting.numbers import percent, with_interval
from dfd_tf.reporting.style import (
    ACCENT,
    FAKE,
    GUIDE,
    INK,
    MUTED,
    REAL,
    SURFACE,
    house_style,
    new_figure,
    share_axis,
)

HISTOGRAM_BINS = np.linspace(0, 1, 41)


@house_style()
def draw_scores(
    labels: NDArray[np.int64], scores: NDArray[np.float64], calibration: Calibration
) -> Figure:
    """How the scores of real and of fake images are spread, and where the verdicts change."""
    figure = new_figure()
    axes = figure.subplots()
    low, high = calibration.band
    axes.axvspan(low, high, color=MUTED, alpha=0.16, linewidth=0, label="inconclusive")
    for label, name, colour in ((0, "real photos", REAL), (1, "fake photos", FAKE)):
        counts, _ = np.histogram(scores[labels == label], HISTOGRAM_BINS)
        axes.stairs(counts, HISTOGRAM_BINS, fill=True, color=colour, alpha=0.3, label=name)
        axes.stairs(counts, HISTOGRAM_BINS, color=colour, linewidth=1.8)
    axes.axvline(
        calibration.threshold, color=INK, linewidth=1.2, linestyle=(0, (3, 3)), label="threshold"
    )
    share_axis(axes.xaxis, percent=False)
    axes.set(title="Scores of real and fake photos", xlabel="score, P(fake)", ylabel="images")
    figure.legend(loc="outside lower center", ncols=4, handlelength=1.4)
    return figure


@house_style()
def draw_confusion(metrics: Mapping[str, Any]) -> Figure:
    """The confusion matrix at the threshold: counts, and shares of the row."""
    figure = new_figure()
    axes = figure.subplots()
    cells = metrics["confusion"]
    rows = ((cells["tn"], cells["fp"]), (cells["fn"], cells["tp"]))
    for y, (row, colour) in enumerate(zip(rows, (REAL, FAKE), strict=True)):
        for x, count in enumerate(row):
            share = count / sum(row) if sum(row) else 0.0
            _confusion_cell(axes, (x, y), colour, count, share)
    axes.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5), xticks=(0, 1), yticks=(0, 1))
    axes.set_xticklabels(["called real", "called fake"], fontsize=11)
    axes.set_yticklabels(["real\nphotos", "fake\nphotos"], fontsize=11)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.grid(False)
    axes.set_title(f"Decisions at the threshold {metrics['threshold']:.3f}")
    return figure


def _confusion_cell(
    axes: Axes, centre: tuple[int, int], colour: str, count: int, share: float
) -> None:
    x, y = centre
    strength = 0.06 + 0.54 * share  # never so strong that ink cannot be read on it
    axes.add_patch(Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=colour, alpha=strength))
    axes.text(x, y - 0.06, f"{count:,}", ha="center", va="center", fontsize=22, weight="bold")
    axes.text(x, y + 0.2, percent(share), ha="center", va="center", fontsize=12)


@house_style()
def draw_reliability(
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    metrics: Mapping[str, Any],
    uncalibrated: NDArray[np.float64] | None = None,
) -> Figure:
    """How often images of a score really are fake, with the number of images below.

    Args:
        labels: (n,) 0 for real, 1 for fake.
        scores: (n,) calibrated P(fake).
        metrics: from `evaluate_scores`.
        uncalibrated: (n,) sigmoid of the logits, drawn beside.
    """
    figure = new_figure()
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
    mean_score, share_fake, counts = _binned(labels, scores)
    axes.plot([0, 1], [0, 1], **GUIDE)
    if uncalibrated is not None:
        once = np.ones((1, len(labels)))
        error = METRICS["ece"].of(WeightedScores(labels, uncalibrated, once))[0]
        before = _binned(labels, uncalibrated)
        said = f"before calibration, ECE {error:.3f}"
        axes.plot(*before[:2], color=MUTED, marker="o", markersize=3, linewidth=1.2, label=said)
    low, high = _wilson_interval(share_fake, counts)
    axes.vlines(mean_score, low, high, color=ACCENT, alpha=0.35, linewidth=3)
    axes.plot(
        mean_score,
        share_fake,
        color=ACCENT,
        marker="o",
        markeredgecolor=SURFACE,
        label="as calibrated",
    )
    if uncalibrated is not None:
        axes.legend(loc="upper left")
    edges = np.linspace(0, 1, ECE_BINS + 1)
    all_counts = np.bincount(score_bins(scores), minlength=ECE_BINS)
    below.bar(
        edges[:-1],
        all_counts,
        width=1 / ECE_BINS,
        align="edge",
        color=MUTED,
        alpha=0.5,
        linewidth=0,
    )
    share_axis(axes.yaxis)
    share_axis(below.xaxis, percent=False)
    axes.set(title=f"Calibration, ECE {with_interval(metrics['ece'])}", ylabel="share that is fake")
    below.set(xlabel="score, P(fake)", ylabel="images")
    return figure


def _binned(
    labels: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Mean score, share of fakes and number of images of every bin that holds any."""
    bins = score_bins(scores)
    counts = np.bincount(bins, minlength=ECE_BINS)
    filled = counts > 0
    sums = (np.bincount(bins, weights=w, minlength=ECE_BINS) for w in (scores, labels))
    mean_score, share_fake = (total[filled] / counts[filled] for total in sums)
    return mean_score, share_fake, counts[filled]


def _wilson_interval(
    shares: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % interval of a share seen on so many images (Wilson 1927)."""
    z = 1.96
    centre = (shares + z**2 / (2 * counts)) / (1 + z**2 / counts)
    spread = np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2))
    half = z * spread / (1 + z**2 / counts)
    return centre - half, centre + half
