"""From logits to calibrated scores, operating thresholds and the three-way verdict.

A detector's logit says *more* or *less* fake. Two things learned on validation data turn it into
something a person can act on: a temperature or a richer map, after which a score of 0.8 means that
about 80 in 100 such images are fake (at the share of fakes that the validation data have), and
thresholds, each of which keeps the share of wrongly accused real photos of any source at or below a
stated rate.
Between two of them, or in a wider band where that is needed to keep the share of wrong verdicts
under a stated bound, no verdict is given.
"""

from dfd_tf.calibration.calibration import UNCALIBRATED, Calibration, Selective
from dfd_tf.calibration.decision import (
    band_sentence,
    logit,
    reason_for,
    risk_coverage,
    scores,
    sigmoid,
    verdicts,
)
from dfd_tf.calibration.thresholds import (
    DEFAULT_RATE,
    FALSE_POSITIVE_RATES,
    Accused,
    Threshold,
    fit_thresholds,
)

__all__ = [
    "DEFAULT_RATE",
    "FALSE_POSITIVE_RATES",
    "UNCALIBRATED",
    "Accused",
    "Calibration",
    "Selective",
    "Threshold",
    "band_sentence",
    "fit_thresholds",
    "logit",
    "reason_for",
    "risk_coverage",
    "scores",
    "sigmoid",
    "verdicts",
]
