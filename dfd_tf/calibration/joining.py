"""What joins the log-odds of several detectors, learned from validation images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from dfd_tf.errors import UserError
from dfd_tf.types import Floats

# Chosen by leaving one source out, see "A rule by which the most suspicious one speaks" in
# docs/results.md.
SCALE = 0.5
USUAL = 0.8  # of the real photos of a source doubt less than the level
FEWEST = 20  # real photos for a level of a source's own


def levels_of(log_odds: Floats, sources: NDArray[np.str_]) -> Floats:
    """What the usual real photo of the strictest source does not reach, for each member.

    So a set whose reals a member finds odd does not make it cry wolf there.

    Args:
        log_odds: of real images, (n, members).
        sources: names of their sets; those of fewer than `FEWEST` are heard where all are.
    """
    known, sizes = np.unique(sources, return_counts=True)
    large = known[sizes >= FEWEST]
    parts = [log_odds[sources == name] for name in large] or [log_odds]
    return np.max([np.quantile(part, USUAL, axis=0) for part in parts], axis=0)


def weigh(logits: Floats, labels: NDArray[np.int64], names: Sequence[str]) -> tuple[Floats, float]:
    """Weights and offset of the sum of answers that tells the labels best (logistic regression).

    Args:
        logits: of the members, or their calibrated log-odds, (images, members).
        labels: fake = 1.
        names: of the members, for the error.

    Raises:
        UserError: a weight is not positive: that member only adds noise.
    """
    fitted = LogisticRegression(C=np.inf, max_iter=1000).fit(logits, labels)
    kernel = np.asarray(fitted.coef_[0], np.float64)
    useless = [name for name, weight in zip(names, kernel, strict=True) if weight <= 0]
    if useless:
        raise UserError(f"{', '.join(useless)} adds nothing to the others: leave it out.")
    return kernel, float(fitted.intercept_[0])
