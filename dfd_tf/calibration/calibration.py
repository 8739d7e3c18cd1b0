"""What validation data teach about a detector's logits: a map, thresholds, a band between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dfd_tf.calibration.maps import NUMPY, CalibrationMap, map_from_dict, map_to_dict
from dfd_tf.calibration.thresholds import DEFAULT_RATE, FALSE_POSITIVE_RATES, Threshold
from dfd_tf.errors import UserError

UNCALIBRATED = (
    "uncalibrated: validation had no fakes, so scores rank images but are no probabilities"
)


@dataclass(frozen=True)
class Missed:
    """How many of n fakes are called real."""

    n: int
    missed: int

    @property
    def rate(self) -> float:
        """Their share."""
        return self.missed / self.n


@dataclass(frozen=True)
class Selective:
    """A band of scores without a verdict, and what the verdicts outside it are worth.

    Attributes:
        max_error: The share that is allowed: of wrong ones among the verdicts, and of any source's
            fakes that are called real.
        low: From here on, and below `high`, there is no verdict.
        high: See `low`.
        error: Share of wrong verdicts on validation, of those given.
        coverage: Share of validation images that get a verdict.
        missed: Of the validation fakes of each source, how many are called real; empty in detectors
            of before this was bounded.
    """

    max_error: float
    low: float
    high: float
    error: float
    coverage: float
    missed: Mapping[str, Missed] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; `from_dict` restores them exactly."""
        values = asdict(self)
        return values if self.missed else {k: v for k, v in values.items() if k != "missed"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Selective:
        """Restore what `to_dict` gave.

        Raises:
            KeyError, TypeError: A number is missing or of the wrong kind.
        """
        missed = {
            str(source): Missed(int(part["n"]), int(part["missed"]))
            for source, part in values.get("missed", {}).items()
        }
        numbers = {key: float(value) for key, value in values.items() if key != "missed"}
        return cls(**numbers, missed=missed)


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
        """The default operating threshold: 5 % false positives on validation, of any source."""
        return self.at(DEFAULT_RATE).value

    @property
    def band(self) -> tuple[float, float]:
        """A score in [low, high) is inconclusive: between 10 % and 1 %, or as `selective` says."""
        if self.selective is not None:
            return self.selective.low, self.selective.high
        return self._between_thresholds

    @property
    def _between_thresholds(self) -> tuple[float, float]:
        return self.at(max(FALSE_POSITIVE_RATES)).value, self.at(min(FALSE_POSITIVE_RATES)).value

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

    @property
    def prior_log_odds(self) -> float:
        """Log-odds of a fake before anything is seen, which `log_odds` include.

        A map was fitted to the validation data with their share of fakes. A temperature only scales
        what a network says that learned from as many fakes as real ones: even odds.
        """
        n_real = self.thresholds[0].n_real
        if self.mapping is None or not 0 < n_real < self.n_valid:
            return 0.0
        return math.log((self.n_valid - n_real) / n_real)

    def at(self, rate: float) -> Threshold:
        """The threshold at one of `FALSE_POSITIVE_RATES`."""
        return next(threshold for threshold in self.thresholds if threshold.fpr == rate)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; `from_dict` restores them exactly."""
        values: dict[str, Any] = {
            "temperature": self.temperature,
            "thresholds": [threshold.to_dict() for threshold in self.thresholds],
            "n_valid": self.n_valid,
            "calibrated": self.calibrated,
        }
        if self.mapping is not None:
            values["map"] = map_to_dict(self.mapping)
        if self.selective is not None:
            values["selective"] = self.selective.to_dict()
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Restores what `to_dict` gave.

        Raises:
            UserError: A number is missing, is of the wrong kind, or contradicts another.
        """
        try:
            thresholds = tuple(map(Threshold.from_dict, values["thresholds"]))
            mapping, selective = values.get("map"), values.get("selective")
            return cls(
                float(values["temperature"]),
                thresholds,
                int(values["n_valid"]),
                bool(values.get("calibrated", True)),
                map_from_dict(mapping) if mapping else None,
                Selective.from_dict(selective) if selective else None,
            )
        except KeyError as missing:
            raise UserError(f"the stored calibration lacks {missing}") from missing
        except TypeError as wrong:
            raise UserError(f"the stored calibration is malformed: {wrong}") from wrong
