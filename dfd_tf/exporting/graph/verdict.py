"""From logits to scores, verdicts and reasons in a graph, see `dfd_tf.calibration`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.calibration import Calibration
from dfd_tf.calibration.novelty import OUTSIDE, Novelty
from dfd_tf.detectors.info import DetectorInfo

DECIMALS = range(2, 7)


def judge(answers: Any, reasons: Any, info: DetectorInfo) -> dict[str, Any]:
    """What a signature returns.

    Args:
        answers: (n, 1) logits, or (n, 3) with distances, float64; NaN where there is no judgement.
        reasons: (n,) why there is none; elsewhere "".
        info: map, thresholds, and how far from what is known a photo may be.

    Returns:
        (n,) each: `score` and `logit` float32, `verdict` and `reason` strings.
    """
    logits, calibration = answers[:, 0], info.calibration
    scores = tf.sigmoid(calibration.log_odds(logits, tf.math))
    low, high = calibration.band
    failed = tf.math.is_nan(scores)
    inconclusive = (scores >= low) & (scores < high)
    verdict = tf.where(inconclusive, "inconclusive", tf.where(scores < low, "real", "fake"))
    said = tf.where(inconclusive, _why_inconclusive(scores, calibration), "")
    if info.novelty and answers.shape[1] > 1:
        new = _is_new(verdict, answers[:, 1:], info.novelty)
        verdict, said = tf.where(new, "inconclusive", verdict), tf.where(new, OUTSIDE, said)
    return {
        "score": tf.cast(scores, tf.float32),
        "logit": tf.cast(logits, tf.float32),
        "verdict": tf.where(failed, "error", verdict),
        "reason": tf.where(failed, reasons, said),
    }


def _is_new(verdict: Any, distances: Any, novelty: Novelty) -> Any:
    """`Novelty.is_new`, for (n,) verdicts."""
    unlike_reals = (verdict == "real") & (distances[:, 0] > novelty.from_reals)
    nearest = tf.reduce_min(distances, axis=1)
    return unlike_reals | ((verdict == "fake") & (nearest > novelty.from_known))


def _why_inconclusive(scores: Any, calibration: Calibration) -> Any:
    """As few decimals, 2 to 6, as keep the score apart from both limits."""
    low, high = calibration.band
    sentence = _sentence(scores, calibration, DECIMALS[-1])
    for decimals in reversed(DECIMALS[:-1]):
        shown = tf.strings.as_string(scores, precision=decimals)
        apart = (shown != f"{low:.{decimals}f}") & (shown != f"{high:.{decimals}f}")
        sentence = tf.where(apart, _sentence(scores, calibration, decimals), sentence)
    return sentence


def _sentence(scores: Any, calibration: Calibration, decimals: int) -> Any:
    low, high = calibration.band
    lies = f" lies {calibration.band_in_words} ".replace("%", " %")
    limits = f"({low:.{decimals}f}, {high:.{decimals}f})"
    shown = tf.strings.as_string(scores, precision=decimals)
    return tf.strings.join(["score ", shown, lies + limits])
