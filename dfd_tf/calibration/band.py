"""The band of scores without a verdict, as wide as the bound on wrong verdicts asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfd_tf.calibration.calibration import Calibration, Missed, Selective
from dfd_tf.calibration.thresholds import limit_on_missed

LEAST_COVERAGE = 0.1
STEPS = 1001


def narrowest_band(
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    sources: NDArray[Any],
    calibration: Calibration,
    max_error: float,
) -> Selective:
    """The band between the thresholds, widened until the verdicts outside it keep the bounds.

    First the lower side goes down until no more than `max_error` of the fakes of any one source are
    called real: whoever asks has one photo, whose forger did not ask how often others are found.
    Then, step by step, the side moves whose verdicts are wrong more often, since a band around the
    default threshold would cost accusations, which the threshold at 1 % keeps right, for missed
    fakes. Where no band keeps the bound on verdicts for `LEAST_COVERAGE` of the images, the
    widest that leaves so many is taken, or the first, and its true error is stored: such a
    detector should give no verdicts.
    """
    steps = np.unique(np.quantile(values, np.linspace(0, 1, STEPS)))
    # Between scores, not on them: engines differ in the last digit.
    ladder = (steps[1:] + steps[:-1]) / 2
    missed = limit_on_missed(values[labels == 1], sources[labels == 1], max_error)
    low, high = calibration.band
    found = _verdicts_outside((min(low, missed), high), values, labels, max_error)
    while found.error > max_error:
        passed, accused = _shares_wrong(found, values, labels)
        lower, higher = ladder[ladder < found.low], ladder[ladder > found.high]
        if len(lower) and (passed >= accused or not len(higher)):
            band = float(lower[-1]), found.high
        elif len(higher):
            band = found.low, float(higher[0])
        else:
            break
        wider = _verdicts_outside(band, values, labels, max_error)
        if wider.coverage < LEAST_COVERAGE:
            break
        found = wider
    return replace(found, missed=_missed(values, labels, sources, found.low))


def _verdicts_outside(
    band: tuple[float, float],
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    max_error: float,
) -> Selective:
    low, high = band
    given = (values < low) | (values >= high)
    wrong = (values >= high) != (labels == 1)
    error = float(wrong[given].mean()) if given.any() else 0.0
    return Selective(max_error, low, high, error, float(given.mean()))


def _missed(
    values: NDArray[np.float64], labels: NDArray[np.int64], sources: NDArray[Any], low: float
) -> dict[str, Missed]:
    fakes = labels == 1
    return {
        str(name): Missed(
            int((fakes & (sources == name)).sum()),
            int((values[fakes & (sources == name)] < low).sum()),
        )
        for name in np.unique(sources[fakes])
    }


def _shares_wrong(
    band: Selective, values: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[float, float]:
    """Share of fakes among the verdicts real, and of reals among the verdicts fake."""
    called_real, called_fake = labels[values < band.low], labels[values >= band.high]
    missed = float((called_real == 1).mean()) if len(called_real) else 0.0
    accused = float((called_fake == 0).mean()) if len(called_fake) else 0.0
    return missed, accused
