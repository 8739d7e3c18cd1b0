"""How the members' log-odds become one, without Keras; `detectors.united` has the same in a graph.

A sum lets those that know nothing of a forgery vote down the one that does. Under noisy-or whoever
doubts is heard, and who does not cannot take it back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfd_tf.types import Floats

LEAST = 1e-4  # sum of doubts below which nobody doubts: a score of 1 in 10,000


@dataclass(frozen=True)
class Sum:
    """Weight times log-odds, added up, and an offset."""

    weights: tuple[float, ...]
    offset: float

    def __call__(self, log_odds: Floats) -> Floats:
        """From (n, members) to (n,)."""
        return np.asarray(log_odds @ np.array(self.weights) + self.offset)


@dataclass(frozen=True)
class NoisyOr:
    """See `dfd_tf.layers.NoisyOr`: weights are its scales."""

    weights: tuple[float, ...]
    levels: tuple[float, ...]

    def __call__(self, log_odds: Floats) -> Floats:
        """From (n, members) to (n,)."""
        doubts = np.logaddexp(0, np.array(self.weights) * (log_odds - np.array(self.levels)))
        doubt = np.maximum(doubts.sum(axis=1), LEAST)
        return np.asarray(doubt + np.log(-np.expm1(-doubt)))


Rule = Sum | NoisyOr
