"""From logits to scores, verdicts and reasons in a graph, see `dfd_tf.calibration`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.calibration import Calibration

DECIMALS = range(2, 7)


def judge(logits: Any, reasons: Any, calibration: Calibration) -> dict[str, Any]:
    """What a signature returns.

    Args:
        logits: (n,) float64, NaN where there is no judgement.
        reasons: (n,) why there is none; elsewhere "".
        calibration: map and thresholds.

    Returns:
        (n,) each: `score` and `logit` float32, `verdict` and `reason` strings.
    """
    scores = tf.sigmoid(calibration.log_odds(logits, tf.math))
    low, high = calibration.band
    failed = tf.math.is_nan(scores)
    inconclusive = (scores >= low) & (scores < high)
    verdict = tf.where(inconclusive, "inconclusive", tf.where(scores < low, "real", "fake"))
    said = tf.where(inconclusive, _why_inconclusive(scores, calibration), "")
    return {
        "score": tf.cast(scores, tf.float32),
        "logit": tf.cast(logits, tf.float32),
        "verdict": tf.where(failed, "error", verdict),
        "reason": tf.where(failed, reasons, said),
    }


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
