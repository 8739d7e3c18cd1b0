"""How well the scores rank fakes above real photos; undefined unless both classes are there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfd_tf.evaluation.metric_records.record import Metric
from dfd_tf.evaluation.weighted import WeightedScores, where_positive
from dfd_tf.types import Floats

FALSE_POSITIVE_RATE = 0.01


def auc(scored: WeightedScores) -> Floats:
    """Area under the ROC curve."""
    fakes, reals = scored.by_falling_score
    # An image tied with a fake one counts half: the trapezoid under the ROC curve.
    pairs_won = np.sum(reals * (scored.hits - fakes / 2), axis=1)
    pairs = scored.n_fake * scored.n_real
    return where_positive(pairs, pairs_won / pairs)


def average_precision(scored: WeightedScores) -> Floats:
    """Precision at each fake found, averaged."""
    fakes, called = scored.by_falling_score[0], scored.hits + scored.false_alarms
    precision = np.divide(scored.hits, called, out=np.zeros_like(called), where=called > 0)
    average = np.sum(fakes * precision, axis=1) / scored.n_fake
    return where_positive(scored.n_fake * scored.n_real, average)


def equal_error_rate(scored: WeightedScores) -> Floats:
    """Where the straight lines between the points of the ROC curve meet FPR = 1 - TPR."""
    start = np.zeros((len(scored.hits), 1))  # the point (0, 0), where nothing is called fake
    fpr = np.hstack([start, scored.false_alarms / scored.n_real[:, None]])
    fnr = np.hstack([start + 1, 1 - scored.hits / scored.n_fake[:, None]])
    excess = fpr - fnr  # (replicates, points), rises from -1 to 1
    after = np.maximum(np.argmax(excess >= 0, axis=1), 1)[:, None]
    fpr_before, fpr_after = _at(fpr, after - 1), _at(fpr, after)
    excess_before, excess_after = _at(excess, after - 1), _at(excess, after)
    way = excess_before / (excess_before - excess_after)
    rate = fpr_before + way * (fpr_after - fpr_before)
    return where_positive(scored.n_fake * scored.n_real, rate)


def detection_rate(scored: WeightedScores) -> Floats:
    """The highest TPR of a point of the ROC curve with FPR <= 1 %, with no interpolation.

    With fewer than 100 real images it is the TPR without a single false alarm.
    """
    allowed = np.floor(FALSE_POSITIVE_RATE * scored.n_real + 1e-9)
    within = scored.hits * (scored.false_alarms <= allowed[:, None])
    rate = np.max(within, axis=1, initial=0) / scored.n_fake
    return where_positive(scored.n_fake * scored.n_real, rate)


def _at(values: Floats, index: NDArray[np.int64]) -> Floats:
    return np.take_along_axis(values, np.minimum(index, values.shape[1] - 1), axis=1)[:, 0]


RECORDS = (
    Metric(
        "auc",
        "AUC",
        "how often a random fake scores above a random real photo; 0.5 is guessing",
        better="higher",
        needs_threshold=False,
        function=auc,
    ),
    Metric(
        "average_precision",
        "Average precision",
        "share of alarms that are right, averaged over how many fakes are found; "
        "depends on the share of fakes tested",
        better="higher",
        needs_threshold=False,
        function=average_precision,
    ),
    Metric(
        "eer",
        "Equal error rate",
        "the error where missed fakes and false alarms are equally many",
        better="lower",
        needs_threshold=False,
        function=equal_error_rate,
    ),
    Metric(
        "tpr_at_fpr_1pct",
        "Recall at 1 % FPR",
        "fakes found if 1 in 100 real photos may be accused",
        better="higher",
        needs_threshold=False,
        function=detection_rate,
    ),
)
