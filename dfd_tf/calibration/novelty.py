"""What lies outside all that a detector has learned, and so gets no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfd_tf.types import Floats

OUTSIDE = "outside what this detector has learned"
QUANTILE = 0.985  # of validation photos that stay inside


@dataclass(frozen=True)
class Novelty:
    """How far a photo may be from those that the detector learned from; what is farther is new.

    The distances are those of `dfd_tf.layers.NeighbourDistance` on the detector's own features.

    Attributes:
        from_reals: Farthest from the known reals that a photo may still be called real.
        from_known: Farthest from the nearer of known reals and fakes for any verdict.
        quantile: Share of the validation photos, real ones for the first, within these limits.
        n_valid: How many there were.
    """

    from_reals: float
    from_known: float
    quantile: float
    n_valid: int

    def is_new(self, verdict: str, distances: Sequence[float]) -> bool:
        """Whether a verdict of real or fake says more than the detector can know.

        `real` is never said of a photo unlike all known reals, however fake-free it seems.

        Args:
            verdict: by the score.
            distances: from known reals and from known fakes.
        """
        if verdict == "real":
            return distances[0] > self.from_reals
        return verdict == "fake" and min(distances) > self.from_known


def fit_novelty(distances: Floats, labels: Floats) -> Novelty:
    """The limits that keep all but a few validation photos inside.

    Args:
        distances: (n, 2) from known reals and from known fakes.
        labels: (n,) 0 real, 1 fake; reals must occur.
    """
    return Novelty(
        from_reals=float(np.quantile(distances[labels == 0, 0], QUANTILE)),
        from_known=float(np.quantile(distances.min(axis=1), QUANTILE)),
        quantile=QUANTILE,
        n_valid=len(distances),
    )
