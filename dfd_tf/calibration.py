"""From logits to calibrated scores, operating thresholds and the three-way verdict.

A detector's logit says *more* or *less* fake. Two things learned on validation data turn it into
something a person can act on: a temperature or a richer map, after which a score of 0.8 means that
about 80 in 100 such images are fake (at the share of fakes that the validation data have), and
thresholds, each of which keeps the share of wrongly accused real photos at or below a stated rate.
Between two of them, or in a wider band where that is needed to keep the share of wrong verdicts
under a stated bound, no verdict is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dfd_tf.calibration_map import NUMPY, CalibrationMap, map_from_dict, map_to_dict
from dfd_tf.errors import UserError

FALSE_POSITIVE_RATES = (0.10, 0.05, 0.01)
DEFAULT_RATE = 0.05
UNCALIBRATED = (
    "uncalibrated: validation had no fakes, so scores rank images but are no probabilities"
)
TEMPERATURE_RANGE = (0.05, 100.0)
LEAST_COVERAGE = 0.1
BAND_STEPS = 1001


@dataclass(frozen=True)
class Threshold:
    """A score from which on an image is called fake.

    Attributes:
        fpr: The share of real images, in (0, 1), that may be called fake at this threshold.
        value: The threshold. It may exceed 1 by one float step, where real validation images
            reached a score of 1: then no image is ever called fake.
        n_real: How many real validation images it was set on.
    """

    fpr: float
    value: float
    n_real: int


@dataclass(frozen=True)
class Selective:
    """A band of scores without a verdict, and what the verdicts outside it are worth.

    Attributes:
        max_error: The share of wrong verdicts that is allowed.
        low: From here on, and below `high`, there is no verdict.
        high: See `low`.
        error: Share of wrong verdicts on validation, of those given.
        coverage: Share of validation images that get a verdict.
    """

    max_error: float
    low: float
    high: float
    error: float
    coverage: float


@dataclass(frozen=True)
class Calibration:
    """What validation data taught about a detector's logits.

    Attributes:
        temperature: Positive divisor of the logit.
        thresholds: One for each of `FALSE_POSITIVE_RATES`, from the highest rate to the lowest.
        n_valid: Number of validation images, real and fake together.
        calibrated: Whether scores are probabilities. Without validation fakes they are not: the
            thresholds hold, but 0.8 does not mean that 80 in 100 such images are fake.
        mapping: From the logit to the log-odds, instead of the temperature.
        selective: The band without verdicts; without it, the one between the thresholds.

    Raises:
        UserError: The numbers cannot be a calibration (temperature not positive, a rate missing,
            thresholds falling where the rate falls).
    """

    temperature: float
    thresholds: tuple[Threshold, ...]
    n_valid: int
    calibrated: bool = True
    mapping: CalibrationMap | None = None
    selective: Selective | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise UserError(f"a temperature is a positive number, received {self.temperature!r}")
        rates = tuple(threshold.fpr for threshold in self.thresholds)
        if rates != FALSE_POSITIVE_RATES:
            raise UserError(
                f"thresholds are expected at the false-positive rates {FALSE_POSITIVE_RATES}, "
                f"in this order, received {rates}"
            )
        values = [threshold.value for threshold in self.thresholds]
        if not all(math.isfinite(value) for value in values) or values != sorted(values):
            raise UserError(f"thresholds must rise as the rate falls, received {values}")

    @property
    def threshold(self) -> float:
        """The default operating threshold: 5 % false positives on validation."""
        return self._value_at(DEFAULT_RATE)

    @property
    def band(self) -> tuple[float, float]:
        """A score in [low, high) is inconclusive: between 10 % and 1 %, or as `selective` says."""
        if self.selective is not None:
            return self.selective.low, self.selective.high
        return self._between_thresholds

    @property
    def _between_thresholds(self) -> tuple[float, float]:
        return self._value_at(max(FALSE_POSITIVE_RATES)), self._value_at(min(FALSE_POSITIVE_RATES))

    @property
    def band_in_words(self) -> str:
        """What an inconclusive score lies in."""
        if self.selective is not None and self.band != self._between_thresholds:
            allowed = f"{self.selective.max_error:.0%}"
            return f"inside the band outside which at most {allowed} of verdicts are wrong"
        rates = (max(FALSE_POSITIVE_RATES), min(FALSE_POSITIVE_RATES))
        return f"between the thresholds at {rates[0]:.0%} and {rates[1]:.0%} false positives"

    def log_odds(self, logits: Any, operations: Any = NUMPY) -> Any:
        """Calibrated log-odds of a fake; `operations` as for `CalibrationMap`."""
        if self.mapping is None:
            return logits / self.temperature
        return self.mapping.log_odds(logits, operations)

    def _value_at(self, rate: float) -> float:
        return next(t.value for t in self.thresholds if t.fpr == rate)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; `from_dict` restores them exactly."""
        values: dict[str, Any] = {
            "temperature": self.temperature,
            "thresholds": [asdict(t) for t in self.thresholds],
            "n_valid": self.n_valid,
            "calibrated": self.calibrated,
        }
        if self.mapping is not None:
            values["map"] = map_to_dict(self.mapping)
        if self.selective is not None:
            values["selective"] = asdict(self.selective)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Restores what `to_dict` gave.

        Raises:
            UserError: A number is missing, is of the wrong kind, or contradicts another.
        """
        try:
            thresholds = tuple(
                Threshold(float(t["fpr"]), float(t["value"]), int(t["n_real"]))
                for t in values["thresholds"]
            )
            mapping, selective = values.get("map"), values.get("selective")
            return cls(
                float(values["temperature"]),
                thresholds,
                int(values["n_valid"]),
                bool(values.get("calibrated", True)),
                map_from_dict(mapping) if mapping else None,
                Selective(**{k: float(v) for k, v in selective.items()}) if selective else None,
            )
        except KeyError as missing:
            raise UserError(f"the stored calibration lacks {missing}") from missing
        except TypeError as wrong:
            raise UserError(f"the stored calibration is malformed: {wrong}") from wrong


_AT_NOTHING = tuple(Threshold(rate, 0.0, 0) for rate in FALSE_POSITIVE_RATES)


def fit(
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
    logits, labels = _checked(logits, labels)
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


def _with_thresholds(fitted: Calibration, real_logits: NDArray[np.float64]) -> Calibration:
    real_scores = scores(real_logits, fitted)
    thresholds = tuple(
        Threshold(rate, _threshold_at(real_scores, rate), len(real_scores))
        for rate in FALSE_POSITIVE_RATES
    )
    return replace(fitted, thresholds=thresholds)


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
    distance = np.abs(_logit(values) - _logit(np.array(calibration.threshold)))
    order = np.argsort(-distance, kind="stable")
    wrong = ((values >= calibration.threshold) != (labels == 1))[order]
    n = np.arange(1, len(order) + 1)
    return n / len(order), np.cumsum(wrong) / n, distance[order]


def scores(logits: ArrayLike, calibration: Calibration) -> NDArray[np.float64]:
    """Calibrated P(fake) in [0, 1] for logits of any shape; a NaN stays a NaN."""
    return _sigmoid(calibration.log_odds(np.asarray(logits, np.float64)))


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
    return (
        f"score {score_text} lies {calibration.band_in_words} ({low_text}, {high_text})"
    ).replace("%", " %")


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
    inner, middle = calibration.band, _logit(np.array(calibration.threshold))
    steps = [0.0, *np.quantile(distances, np.linspace(0, 1, BAND_STEPS))]
    found: Selective | None = None
    for distance in steps:
        low = min(inner[0], float(_sigmoid(middle - distance)))
        high = max(inner[1], float(np.nextafter(_sigmoid(middle + distance), np.inf)))
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


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(p, 1e-15, 1 - 1e-15)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without scipy, whose import would cost the light predictor a tenth of its second."""
    with np.errstate(invalid="ignore", under="ignore"):  # a NaN stays a NaN, e^-10000 is 0
        return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def _checked(logits: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
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


def _distinct_decimals(score: float, low: float, high: float) -> Sequence[str]:
    """The three numbers with as few decimals, 2 to 6, as keep the score apart from both limits."""
    for decimals in range(2, 7):
        score_text, *limits = (f"{value:.{decimals}f}" for value in (score, low, high))
        if score_text not in limits:
            break
    return score_text, *limits
