"""From the logarithm of an anomaly score to a logit, by validation images."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

BOUNDARY = 0.95


def rescale(detector: keras.Model, location: float, slope: float) -> None:
    """Set the scale of a detector's last layer, a `LogScore`."""
    layer = detector.get_layer("logit")
    layer.location.assign(location)
    layer.slope.assign(slope)


def scale_of(
    log_scores: NDArray[np.float64], labels: NDArray[np.int64], radius: float | None = None
) -> tuple[float, float]:
    """Location and slope that make a logit of log scores.

    With fakes they are Platt's: a logistic regression on the one number. Without, or where fakes
    lie lower than photos, which a logit that stays an anomaly score cannot express, the logit is 0
    at the soft boundary if there is one, else at the 95th percentile of the photos, and rises by 1
    with each of their standard deviations.

    Args:
        log_scores: (n,) of validation images.
        labels: (n,) 0 for real, 1 for fake.
        radius: of a soft boundary.
    """
    real = log_scores[labels == 0]
    if labels.any():
        spread = log_scores.std()
        regression = LogisticRegression(C=np.inf).fit(log_scores[:, None] / spread, labels)
        slope = float(regression.coef_[0, 0] / spread)
        if slope > 0:
            return -float(regression.intercept_[0]) / slope, slope
    boundary = 2 * np.log(radius) if radius else np.quantile(real, BOUNDARY)
    return float(boundary), float(1 / real.std())
