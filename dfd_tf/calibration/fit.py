"""Learn temperature, thresholds and the band without verdicts from validation data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dfd_tf.calibration import (
    FALSE_POSITIVE_RATES,
    Calibration,
    Threshold,
    fit_thresholds,
    scores,
)
from dfd_tf.calibration.band import narrowest_band
from dfd_tf.calibration.maps import CalibrationMap
from dfd_tf.errors import UserError

TEMPERATURE_RANGE = (0.05, 100.0)
_AT_NOTHING = tuple(Threshold(rate, 0.0, 0) for rate in FALSE_POSITIVE_RATES)


def fit_calibration(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    sources: ArrayLike | None = None,
    mapping: CalibrationMap | None = None,
    max_error: float | None = None,
) -> Calibration:
    """Learns the temperature, the thresholds and the band without verdicts from validation data.

    Args:
        logits: (n,) finite numbers, positive = fake.
        labels: (n,) 0 for real, 1 for fake; both must occur.
        sources: (n,) names of the sets that the images come from, for each of which the thresholds
            hold; without them all are of one.
        mapping: from the logit to the log-odds, instead of the temperature.
        max_error: the share of wrong ones allowed among the verdicts given, and of any source's
            fakes among those called real.

    Raises:
        UserError: Logits that are not finite, lengths that differ, labels other than 0 and 1, or
            one class only.
    """
    logits, labels = checked(logits, labels)
    fitted = Calibration(fit_temperature(logits, labels), _AT_NOTHING, len(logits), mapping=mapping)
    return fit_limits(fitted, logits, labels, sources=sources, max_error=max_error)


def fit_limits(
    fitted: Calibration,
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    sources: ArrayLike | None = None,
    max_error: float | None = None,
) -> Calibration:
    """Learns thresholds and band anew; what scores mean stays.

    Args:
        fitted: whose temperature or map is kept.
        logits: see `fit_calibration`, as are the others.
        labels: see there.
        sources: see there.
        max_error: see there.

    Raises:
        UserError: see `fit_calibration`.
    """
    logits, labels = checked(logits, labels)
    reals = labels == 0
    of_reals = None if sources is None else np.asarray(sources)[reals]
    fitted = replace(fitted, n_valid=len(logits), selective=None)
    fitted = _with_thresholds(fitted, logits[reals], of_reals)
    if max_error is None:
        return fitted
    names = np.full(len(logits), "all") if sources is None else np.asarray(sources).astype(str)
    selective = narrowest_band(scores(logits, fitted), labels, names, fitted, max_error)
    return replace(fitted, selective=selective)


def fit_on_reals(logits: ArrayLike, sources: ArrayLike | None = None) -> Calibration:
    """Learns the thresholds alone, where validation has no fakes to calibrate with.

    Args:
        logits: (n,) finite numbers of real images, positive = fake.
        sources: see `fit_calibration`.

    Raises:
        UserError: Logits that are not finite, or none.
    """
    logits = _finite(np.asarray(logits, np.float64).ravel())
    if not len(logits):
        raise UserError("thresholds need real validation images, received none")
    uncalibrated = Calibration(1.0, _AT_NOTHING, len(logits), calibrated=False)
    return _with_thresholds(uncalibrated, logits, sources)


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


def _with_thresholds(
    fitted: Calibration, real_logits: NDArray[np.float64], sources: ArrayLike | None
) -> Calibration:
    names = np.full(len(real_logits), "all") if sources is None else sources
    return replace(fitted, thresholds=fit_thresholds(scores(real_logits, fitted), names))


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
