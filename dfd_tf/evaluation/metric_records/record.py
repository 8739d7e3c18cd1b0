"""What a metric's record holds, and all metrics there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dfd_tf.errors import UserError
from dfd_tf.evaluation.weighted import WeightedScores
from dfd_tf.records import Registry
from dfd_tf.types import Floats


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: its key in metrics.json.
        title: its name in tables.
        meaning: in one line, for somebody who has to act on it.
        better: which values are good.
        needs_threshold: whether it judges decisions at the threshold rather than scores.
        function: from weighted scores to its (replicates,) values; not finite where it is
            undefined.
    """

    name: str
    title: str
    meaning: str
    better: Literal["higher", "lower"]
    needs_threshold: bool
    function: Callable[[WeightedScores], Floats]

    def of(self, scored: WeightedScores) -> Floats:
        """Its (replicates,) values; a division by zero warns nobody.

        Raises:
            UserError: the function returned another shape.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.asarray(self.function(scored), np.float64)
        expected = scored.weights.shape[:1]
        if values.shape != expected:
            raise UserError(
                f"The metric {self.name!r} returned values of the shape {values.shape}; expected "
                f"is {expected}, one for each row of the weights."
            )
        return values


METRICS = Registry(
    Metric,
    package="dfd_tf.evaluation.metric_records",
    group="dfd_tf.metrics",
    first=("ranking", "decisions", "probabilities"),
)
