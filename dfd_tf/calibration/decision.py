"""From logits to calibrated scores, and from these to verdicts with their reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dfd_tf.calibration.calibration import Calibration


def risk_coverage(
    scores: ArrayLike, labels: ArrayLike, calibration: Calibration
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """How the share of wrong verdicts falls as more doubtful images get none.

    Sure is what lies far from the default threshold, in log-odds (El-Yaniv and Wiener 2010).

    Returns:
        By rising coverage, each (n,): the share of images that get a verdict, the share of wrong
        ones among these, and the distance of the last image included.
    """
    values, labels = np.asarray(scores, np.float64), np.asarray(labels)
    distance = np.abs(logit(values) - logit(np.array(calibration.threshold)))
    order = np.argsort(-distance, kind="stable")
    wrong = ((values >= calibration.threshold) != (labels == 1))[order]
    n = np.arange(1, len(order) + 1)
    return n / len(order), np.cumsum(wrong) / n, distance[order]


def scores(logits: ArrayLike, calibration: Calibration) -> NDArray[np.float64]:
    """Calibrated P(fake) in [0, 1] for logits of any shape; a NaN stays a NaN."""
    return sigmoid(calibration.log_odds(np.asarray(logits, np.float64)))


def verdicts(scores: ArrayLike, calibration: Calibration) -> list[str]:
    """One of real, fake, inconclusive and, for a NaN, error for each of the (n,) scores.

    Inconclusive are the scores inside the band: high enough that one real photo in ten would
    reach them, too low for an accusation that wrongs at most one in a hundred.
    """
    low, high = calibration.band
    values = np.asarray(scores, np.float64)
    conditions = [np.isnan(values), values < low, values < high]
    return [str(v) for v in np.select(conditions, ["error", "real", "inconclusive"], "fake")]


def reason_for(score: float, calibration: Calibration) -> str:
    """Why a score is inconclusive, in words; empty where it is not.

    The reason of an error is known only to whoever failed to judge the file.
    """
    low, high = calibration.band
    if not low <= score < high:
        return ""
    score_text, low_text, high_text = _distinct_decimals(score, low, high)
    return band_sentence(calibration).format(score=score_text, low=low_text, high=high_text)


def band_sentence(calibration: Calibration) -> str:
    """The reason of an inconclusive score, with blanks for score, low and high."""
    band = calibration.band_in_words.replace("%", " %")
    return f"score {{score}} lies {band} ({{low}}, {{high}})"


def logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of shares in [0, 1]; finite at 0 and 1, too."""
    inside = np.clip(p, 1e-15, 1 - 1e-15)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function; scipy's would cost the light predictor a tenth of its second."""
    with np.errstate(invalid="ignore", under="ignore"):  # a NaN stays a NaN, e^-10000 is 0
        return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def _distinct_decimals(score: float, low: float, high: float) -> Sequence[str]:
    """The three numbers with as few decimals, 2 to 6, as keep the score apart from both limits."""
    for decimals in range(2, 7):
        score_text, *limits = (f"{value:.{decimals}f}" for value in (score, low, high))
        if score_text not in limits:
            break
    return score_text, *limits
