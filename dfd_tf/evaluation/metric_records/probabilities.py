"""How far scores can be read as probabilities; undefined without an image."""

from __future__ import annotations

import numpy as np

from dfd_tf.evaluation.metric_records.record import Metric
from dfd_tf.evaluation.weighted import ECE_BINS, WeightedScores, score_bins
from dfd_tf.types import Floats


def log_loss(scored: WeightedScores) -> Floats:
    """Mean negative logarithm of the probability given to what was true.

    Scores are kept one float step from 0 and 1, as scikit-learn does.
    """
    return _mean_errors(scored)[0]


def brier(scored: WeightedScores) -> Floats:
    """Mean squared error of the score."""
    return _mean_errors(scored)[1]


def calibration_error(scored: WeightedScores) -> Floats:
    """Mean over `ECE_BINS` bins of equal width of |share of fakes - mean score|.

    Weighted by the images in the bin (Naeini et al. 2015; on P(fake), not on the larger of the two
    class probabilities).
    """
    in_bin = np.eye(ECE_BINS)[score_bins(scored.scores)]
    gaps = np.abs(scored.weights @ (in_bin * (scored.scores - scored.labels)[:, None]))
    return gaps.sum(axis=1) / scored.weights.sum(axis=1)


def _mean_errors(scored: WeightedScores) -> Floats:
    """Log loss and Brier score, (2, replicates)."""
    labels, scores = scored.labels, scored.scores
    step = np.finfo(np.float64).eps
    clipped = np.clip(scores, step, 1 - step)
    losses = -np.where(labels == 1, np.log(clipped), np.log1p(-clipped))
    errors = np.stack([losses, (scores - labels) ** 2], axis=1)
    return (scored.weights @ errors).T / scored.weights.sum(axis=1)


RECORDS = (
    Metric(
        "log_loss",
        "Log loss",
        "penalty on confident mistakes; 0 is perfect, 0.69 is a shrug",
        better="lower",
        needs_threshold=False,
        function=log_loss,
    ),
    Metric(
        "brier",
        "Brier score",
        "mean squared error of the score; 0 is perfect, 0.25 is a shrug",
        better="lower",
        needs_threshold=False,
        function=brier,
    ),
    Metric(
        "ece",
        "Calibration error",
        "how far the score is off from the share that really is fake",
        better="lower",
        needs_threshold=False,
        function=calibration_error,
    ),
)
