"""Maps from a logit to the log-odds of a fake: plain numbers, applied alike on every road.

All maps rise strictly, so that calibration never changes a ranking. They are written in operations
that NumPy and TensorFlow share, which the caller hands in: the engine and the exported graphs run
the same lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from dfd_tf.errors import UserError


def _softplus(x: Any) -> Any:
    with np.errstate(invalid="ignore", under="ignore"):  # a NaN stays a NaN, e^-10000 is 0
        return np.logaddexp(0.0, x)


NUMPY = SimpleNamespace(maximum=np.maximum, softplus=_softplus)


@dataclass(frozen=True)
class Beta:
    """Beta calibration (Kull et al. 2017) of p = sigmoid(logit): a ln p - b ln(1 - p) + c.

    With a = b it is Platt's map; with c = 0 besides, a temperature of 1 / a.
    """

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        numbers = (self.a, self.b, self.c)
        if not all(map(math.isfinite, numbers)) or self.a < 0 or self.b < 0 or self.a + self.b <= 0:
            raise UserError(f"beta calibration needs a, b >= 0, not both 0, received {numbers}")

    def log_odds(self, logits: Any, operations: Any = NUMPY) -> Any:
        """Log-odds of a fake; `operations` has maximum and softplus, such as `tf.math`."""
        softplus = operations.softplus
        return self.b * softplus(logits) - self.a * softplus(-logits) + self.c


@dataclass(frozen=True)
class Isotonic:
    """Isotonic regression, straight in the log-odds between the middles of its blocks.

    Attributes:
        logits: rising places of the knots.
        log_odds_at: what they map to, rising.
        slope: beyond the first and the last knot.
    """

    logits: tuple[float, ...]
    log_odds_at: tuple[float, ...]
    slope: float

    def __post_init__(self) -> None:
        rises = all(
            len(values) > 0 and all(map(math.isfinite, values)) and (np.diff(values) > 0).all()
            for values in (self.logits, self.log_odds_at)
        )
        if not rises or len(self.logits) != len(self.log_odds_at) or not self.slope > 0:
            raise UserError("the knots of an isotonic calibration must rise, and as many in both")

    def log_odds(self, logits: Any, operations: Any = NUMPY) -> Any:
        """Log-odds of a fake; `operations` has maximum and softplus, such as `tf.math`."""
        between = np.diff(self.log_odds_at) / np.diff(self.logits)
        changes = np.diff([self.slope, *between, self.slope]).tolist()
        value = self.log_odds_at[0] + self.slope * (logits - self.logits[0])
        for place, change in zip(self.logits, changes, strict=True):
            value = value + change * operations.maximum(logits - place, 0.0)
        return value


CalibrationMap = Beta | Isotonic
KINDS: dict[str, type[CalibrationMap]] = {"beta": Beta, "isotonic": Isotonic}


def map_to_dict(mapping: CalibrationMap) -> dict[str, Any]:
    """Plain numbers for JSON; `map_from_dict` restores them exactly."""
    kind = next(name for name, known in KINDS.items() if isinstance(mapping, known))
    return {"kind": kind, **asdict(mapping)}


def map_from_dict(values: Mapping[str, Any]) -> CalibrationMap:
    """Restore what `map_to_dict` gave.

    Raises:
        UserError: an unknown kind, or numbers that are none of it.
    """
    try:
        numbers: dict[str, Any] = {
            name: tuple(map(float, value)) if isinstance(value, list | tuple) else float(value)
            for name, value in values.items()
            if name != "kind"
        }
        return KINDS[values["kind"]](**numbers)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"the stored calibration map is malformed: {error!r}") from error
