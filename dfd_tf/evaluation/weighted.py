"""Detection metrics of weighted images, for many weightings at once.

A bootstrap replicate is the same images, each counted so many times. With the counts as weights
the scores are sorted once, not once for each replicate, and every metric becomes a cumulative sum
or a matrix product over all replicates: a thousand replicates of 3,000 images take about a second,
where resampled arrays handed to scikit-learn take a minute. The tests hold every metric equal to
scikit-learn's on resampled arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfd_tf.types import Floats

ECE_BINS = 15
FALSE_POSITIVE_RATE = 0.01


def all_metrics(
    labels: NDArray[np.int64], scores: Floats, threshold: float, weights: Floats
) -> dict[str, Floats]:
    """Every metric of metrics.json for every weighting; NaN where it is undefined.

    Args:
        labels: (n,) 0 for real, 1 for fake.
        scores: (n,) calibrated P(fake) in [0, 1].
        threshold: From this score on an image is called fake.
        weights: (replicates, n) non-negative counts.

    Returns:
        (replicates,) values by the metric's name.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {
            **ranking_metrics(labels, scores, weights),
            **decision_metrics(labels, scores, threshold, weights),
            **probability_metrics(labels, scores, weights),
        }
    return values


def ranking_metrics(
    labels: NDArray[np.int64], scores: Floats, weights: Floats
) -> dict[str, Floats]:
    """Area under the ROC curve, average precision, equal error rate, detection rate at 1 %.

    `eer` is where the straight lines between the points of the ROC curve meet FPR = 1 - TPR;
    `tpr_at_fpr_1pct` is the highest TPR of a point with FPR <= 1 %, with no interpolation: with
    fewer than 100 real images it is the TPR without a single false alarm. NaN unless both classes
    have weight.
    """
    fakes, reals = _by_falling_score(labels, scores, weights)
    hits, false_alarms = np.cumsum(fakes, axis=1), np.cumsum(reals, axis=1)
    n_fake, n_real = fakes.sum(axis=1), reals.sum(axis=1)
    precision = np.divide(
        hits, hits + false_alarms, out=np.zeros_like(hits), where=hits + false_alarms > 0
    )
    # An image tied with a fake one counts half: the trapezoid under the ROC curve.
    pairs_won = np.sum(reals * (hits - fakes / 2), axis=1)
    values = {
        "auc": pairs_won / (n_fake * n_real),
        "average_precision": np.sum(fakes * precision, axis=1) / n_fake,
        "eer": _equal_error_rate(hits, false_alarms, n_fake, n_real),
        "tpr_at_fpr_1pct": _detection_rate_at(hits, false_alarms, n_fake, n_real),
    }
    return {name: _needs(n_fake * n_real, value) for name, value in values.items()}


def decision_metrics(
    labels: NDArray[np.int64], scores: Floats, threshold: float, weights: Floats
) -> dict[str, Floats]:
    """What calling `score >= threshold` fake gives: accuracy, precision, recall and their kin.

    Recall needs a fake image, the false-positive rate a real one, precision both classes and an
    image called fake, F1 and balanced accuracy both classes; NaN otherwise.
    """
    called_fake = scores >= threshold
    cells = np.stack(confusion_cells(labels, called_fake), axis=1).astype(np.float64)
    tn, fp, fn, tp = (weights @ cells).T
    n_real, n_fake = tn + fp, fn + tp
    return {
        "accuracy": (tp + tn) / (n_real + n_fake),
        "balanced_accuracy": (tp / n_fake + tn / n_real) / 2,
        "precision": _needs(n_real * n_fake, tp / (tp + fp)),
        "recall": tp / n_fake,
        "f1": _needs(n_real * n_fake, 2 * tp / (2 * tp + fp + fn)),
        "fpr_at_threshold": fp / n_real,
    }


def confusion_cells(
    labels: NDArray[np.int64], called_fake: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], ...]:
    """Four (n,) masks: true negatives, false positives, false negatives, true positives."""
    fake = labels == 1
    return ~fake & ~called_fake, ~fake & called_fake, fake & ~called_fake, fake & called_fake


def probability_metrics(
    labels: NDArray[np.int64], scores: Floats, weights: Floats
) -> dict[str, Floats]:
    """Log loss, Brier score and expected calibration error of scores as probabilities.

    `log_loss` keeps scores one float step from 0 and 1, as scikit-learn does. `ece` is the mean
    over `ECE_BINS` bins of equal width of |share of fakes - mean score|, weighted by the images in
    the bin (Naeini et al. 2015; on P(fake), not on the larger of the two class probabilities).
    """
    step = np.finfo(np.float64).eps
    clipped = np.clip(scores, step, 1 - step)
    losses = -np.where(labels == 1, np.log(clipped), np.log1p(-clipped))
    errors = np.stack([losses, (scores - labels) ** 2], axis=1)
    total = weights.sum(axis=1)
    log_loss, brier = (weights @ errors).T / total
    in_bin = np.eye(ECE_BINS)[score_bins(scores)]
    gaps = np.abs(weights @ (in_bin * (scores - labels)[:, None]))
    return {"log_loss": log_loss, "brier": brier, "ece": gaps.sum(axis=1) / total}


def score_bins(scores: Floats) -> NDArray[np.int64]:
    """(n,) number of the equal-width bin of each score; a score of 1 belongs to the last."""
    return np.minimum((scores * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def _by_falling_score(
    labels: NDArray[np.int64], scores: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """(replicates, distinct scores) weight of the fake and of the real images at each score."""
    order = np.argsort(-scores, kind="stable")
    if not len(order):
        return weights, weights
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    sorted_weights, fake = weights[:, order], labels[order] == 1
    return (
        np.add.reduceat(sorted_weights * fake, starts, axis=1),
        np.add.reduceat(sorted_weights * ~fake, starts, axis=1),
    )


def _equal_error_rate(hits: Floats, false_alarms: Floats, n_fake: Floats, n_real: Floats) -> Floats:
    start = np.zeros((len(hits), 1))  # the point (0, 0), where nothing is called fake
    fpr = np.hstack([start, false_alarms / n_real[:, None]])
    fnr = np.hstack([start + 1, 1 - hits / n_fake[:, None]])
    excess = fpr - fnr  # (replicates, points), rises from -1 to 1
    after = np.maximum(np.argmax(excess >= 0, axis=1), 1)[:, None]
    fpr_before, fpr_after = _at(fpr, after - 1), _at(fpr, after)
    excess_before, excess_after = _at(excess, after - 1), _at(excess, after)
    way = excess_before / (excess_before - excess_after)
    return fpr_before + way * (fpr_after - fpr_before)


def _detection_rate_at(
    hits: Floats, false_alarms: Floats, n_fake: Floats, n_real: Floats
) -> Floats:
    allowed = np.floor(FALSE_POSITIVE_RATE * n_real + 1e-9)
    return np.max(hits * (false_alarms <= allowed[:, None]), axis=1, initial=0) / n_fake


def _at(values: Floats, index: NDArray[np.int64]) -> Floats:
    return np.take_along_axis(values, np.minimum(index, values.shape[1] - 1), axis=1)[:, 0]


def _needs(weight: Floats, value: Floats) -> Floats:
    return np.where(weight > 0, value, np.nan)
