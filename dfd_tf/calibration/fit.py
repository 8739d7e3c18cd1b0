"""Learn temperature, thresholds and the band without verdicts from validation data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dfd_tf.calibration import (
    FALSE_POSITIVE_RATES,
    Calibration,
    Selective,
    Threshold,
    logit,
    risk_coverage,
    scores,
    sigmoid,
)
from dfd_tf.calibration.maps import CalibrationMap
from dfd_tf.errors import UserError

TEMPERATURE_RANGE = (0.05, 100.0)
LEAST_COVERAGE = 0.1
BAND_STEPS = 1001
_AT_NOTHING = tuple(Threshold(rate, 0.0, 0) for rate in FALSE_POSITIVE_RATES)


def fit_calibration(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    mapping: CalibrationMap | None = None,
    max_error: float | None = None,
) -> Calibration:
    """Learns the temperature, the thresholds and the band without verdicts from validation data.

    Args:
        logits: (n,) finite numbers, positive = fake.
        labels: (n,) 0 for real, 1 for fake; both must occur.
        mapping: from the logit to the log-odds, instead of the temperature.
        max_error: the share of wrong ones allowed among the verdicts given.

    Raises:
        UserError: Logits that are not finite, lengths that differ, labels other than 0 and 1, or
            one class only.
    """
    logits, labels = checked(logits, labels)
    fitted = Calibration(fit_temperature(logits, labels), _AT_NOTHING, len(logits), mapping=mapping)
    fitted = _with_thresholds(fitted, logits[labels == 0])
    if max_error is None:
        return fitted
    selective = _selective(scores(logits, fitted), labels, fitted, max_error)
    return replace(fitted, selective=selective)


def fit_on_reals(logits: ArrayLike) -> Calibration:
    """Learns the thresholds alone, where validation has no fakes to calibrate with.

    Args:
        logits: (n,) finite numbers of real images, positive = fake.

    Raises:
        UserError: Logits that are not finite, or none.
    """
    logits = _finite(np.asarray(logits, np.float64).ravel())
    if not len(logits):
        raise UserError("thresholds need real validation images, received none")
    return _with_thresholds(Calibration(1.0, _AT_NOTHING, len(logits), calibrated=False), logits)


def fit_temperature(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The T that minimises the log loss of sigmoid(logit / T) (Guo et al., ICML 2017).

    On data that the sign of the logit separates, the log loss falls for ever as T goes to 0. The
    targets are therefore those of Platt (1999): (n_fake + 1) / (n_fake + 2) for a fake and
    1 / (n_real + 2) for a real one, that is, 200 flawless answers are no ground to claim more
    than about 99 % confidence. On n images they move T by the order of 1 / n. What is left
    without a finite optimum (logits that point the wrong way) ends at `TEMPERATURE_RANGE`.
    """
    from scipy.optimize import minimize_scalar  # only training pays for its import

    n_fake = int(labels.sum())
    n_real = len(labels) - n_fake
    targets = np.where(labels == 1, (n_fake + 1) / (n_fake + 2), 1 / (n_real + 2))

    def log_loss(log_temperature: float) -> float:
        scaled = logits / math.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, scaled) - targets * scaled))

    bounds = tuple(math.log(limit) for limit in TEMPERATURE_RANGE)
    # Convex in 1/T, hence with one minimum in log T, where a bounded search cannot get lost.
    found = minimize_scalar(log_loss, bounds=bounds, method="bounded", options={"xatol": 1e-8})
    return float(np.clip(math.exp(found.x), *TEMPERATURE_RANGE))


def _with_thresholds(fitted: Calibration, real_logits: NDArray[np.float64]) -> Calibration:
    real_scores = scores(real_logits, fitted)
    thresholds = tuple(
        Threshold(rate, _threshold_at(real_scores, rate), len(real_scores))
        for rate in FALSE_POSITIVE_RATES
    )
    return replace(fitted, thresholds=thresholds)


def _threshold_at(real_scores: NDArray[np.float64], rate: float) -> float:
    """The smallest t such that the share of real scores >= t is at most `rate`.

    It lies one float step above the highest real score that must not be accused. With fewer real
    images than 1 / rate (below 100 for the 1 % threshold) none may be accused, so it lies just
    above the highest real score, and the true rate is known only roughly.
    """
    # The tiny addend: 0.29 * 100 is 28.999..., yet 29 of 100 are 29 %.
    allowed = math.floor(rate * len(real_scores) + 1e-9)
    first_spared = np.sort(real_scores)[len(real_scores) - 1 - allowed]
    return float(np.nextafter(first_spared, np.inf))


def _selective(
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    calibration: Calibration,
    max_error: float,
) -> Selective:
    """The narrowest band, no narrower than between the thresholds, that keeps the bound.

    Where no band keeps it for at least `LEAST_COVERAGE` of the images, the widest that leaves so
    many is taken, and its true error is stored: such a detector should give no verdicts.
    """
    distances = risk_coverage(values, labels, calibration)[2]
    inner, middle = calibration.band, logit(np.array(calibration.threshold))
    steps = [0.0, *np.quantile(distances, np.linspace(0, 1, BAND_STEPS))]
    found: Selective | None = None
    for distance in steps:
        low = min(inner[0], float(sigmoid(middle - distance)))
        high = max(inner[1], float(np.nextafter(sigmoid(middle + distance), np.inf)))
        given = (values < low) | (values >= high)
        coverage = float(given.mean())
        if found and coverage < LEAST_COVERAGE:
            break
        wrong = (values >= high) != (labels == 1)
        error = float(wrong[given].mean()) if coverage else 0.0
        found = Selective(max_error, low, high, error, coverage)
        if error <= max_error:
            break
    assert found is not None
    return found


def checked(logits: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What a calibration can be learned from, as arrays (n,).

    Raises:
        UserError: see `fit_calibration`.
    """
    logits, labels = np.asarray(logits, np.float64).ravel(), np.asarray(labels).ravel()
    if len(logits) != len(labels):
        raise UserError(f"{len(logits)} logits do not fit {len(labels)} labels")
    if not np.isin(labels, (0, 1)).all():
        raise UserError(f"labels are 0 (real) or 1 (fake), received {np.unique(labels)[:5]}")
    _finite(logits)
    n_fake = int(np.sum(labels == 1))
    if n_fake in (0, len(labels)):
        raise UserError(
            f"calibration needs real and fake validation images, received "
            f"{len(labels) - n_fake} real and {n_fake} fake"
        )
    return logits, labels.astype(np.int64)


def _finite(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    bad = np.flatnonzero(~np.isfinite(logits))
    if len(bad):
        listed = ", ".join(f"number {i} is {logits[i]}" for i in bad[:5])
        raise UserError(
            f"{len(bad)} of {len(logits)} validation logits are not finite ({listed}"
            f"{', ...' if len(bad) > 5 else ''}): the training probably diverged; lower the "
            "learning rate or switch mixed precision off"
        )
    return logits
