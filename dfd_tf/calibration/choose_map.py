"""Which map from logits to probabilities the validation data support."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from dfd_tf.calibration.fit import fit_temperature
from dfd_tf.calibration.maps import NUMPY, Beta, CalibrationMap, Isotonic
from dfd_tf.errors import UserError
from dfd_tf.types import Floats

MapName = Literal["auto", "temperature", "beta", "isotonic"]

FOLDS = 5
FEWEST_PER_CLASS = 50  # below, a temperature is all that can be learned
# Knots nearer than this share of the temperature would make steps that amplify rounding.
NEAREST_KNOTS = 0.25


def choose_map(
    logits: Floats, labels: NDArray[np.int64], groups: NDArray[np.int64], *, name: str, seed: int
) -> tuple[CalibrationMap | None, dict[str, float]]:
    """Choose temperature, beta or isotonic calibration by cross-validated log loss.

    A richer map must beat the temperature by more than one standard error of the difference
    (over groups), or it is not worth its numbers.

    Args:
        logits: (n,) of validation images.
        labels: (n,) 0 real, 1 fake.
        groups: (n,) numbers of what belongs together and may not be parted.
        name: "auto", or the map to take without a choice.
        seed: of the folds.

    Returns:
        The map, None for the temperature, and the log loss of each map that could be fitted; empty
        without a choice.

    Raises:
        UserError: the named map cannot be fitted to logits that fall where fakes are.
    """
    if name != "auto":
        return _FITS[name](logits, labels), {}
    enough = min(len(np.unique(groups[labels == label])) for label in (0, 1)) >= FEWEST_PER_CLASS
    if not enough:
        return None, {}
    losses = {}
    for kind in _FITS:
        # Where logits tell nothing, or fall, some maps have nothing to rise by; a temperature has.
        with suppress(UserError):
            losses[kind] = _held_out_losses(kind, logits, labels, groups, seed)
    means = {kind: round(float(loss.mean()), 6) for kind, loss in losses.items()}
    gains = {kind: _gain(losses["temperature"] - loss, groups) for kind, loss in losses.items()}
    best = max(gains, key=lambda kind: gains[kind])
    return _FITS[best](logits, labels), means


def _gain(differences: Floats, groups: NDArray[np.int64]) -> float:
    """Mean gain less its standard error over groups; 0 for the temperature itself."""
    sums = np.bincount(groups, weights=differences - differences.mean())
    error = np.sqrt(np.sum(sums**2)) / len(differences)
    return float(differences.mean() - error)


def _held_out_losses(
    kind: str, logits: Floats, labels: NDArray[np.int64], groups: NDArray[np.int64], seed: int
) -> Floats:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    losses = np.empty(len(logits))
    for train, test in folds.split(logits, labels, groups):
        fitted = _FITS[kind](logits[train], labels[train])
        if fitted is None:
            log_odds = logits[test] / fit_temperature(logits[train], labels[train])
        else:
            log_odds = fitted.log_odds(logits[test])
        losses[test] = np.logaddexp(0, np.where(labels[test] == 1, -log_odds, log_odds))
    return losses


def _fit_beta(logits: Floats, labels: NDArray[np.int64]) -> CalibrationMap:
    """By logistic regression on ln p and -ln(1 - p); a slope below 0 is held at 0."""
    features = np.stack([-NUMPY.softplus(-logits), NUMPY.softplus(logits)], axis=1)
    regression = LogisticRegression(C=1e4, max_iter=1000)
    slopes = regression.fit(features, labels).coef_[0]
    if (slopes < 0).any():
        kept = int(np.argmax(slopes))
        regression.fit(features[:, [kept]], labels)
        slopes = np.where(np.arange(2) == kept, regression.coef_[0, 0], 0.0)
    if not slopes.max() > 0:
        raise UserError("these logits fall where fakes are: no rising map calibrates them")
    return Beta(float(slopes[0]), float(slopes[1]), float(regression.intercept_[0]))


def _fit_isotonic(logits: Floats, labels: NDArray[np.int64]) -> CalibrationMap:
    """Knots at the middles of isotonic regression's blocks, so that nothing is tied."""
    temperature = fit_temperature(logits, labels)
    order = np.argsort(logits, kind="stable")
    logits = logits[order]
    shares = IsotonicRegression().fit_transform(logits, labels[order])
    # No run of n equal answers proves more than (n + 1) / (n + 2).
    certain = 1 / (len(logits) + 2)
    shares = np.clip(shares, certain, 1 - certain)
    starts = np.flatnonzero(np.diff(shares, prepend=-1))
    blocks = _merge(logits, shares, starts, NEAREST_KNOTS * temperature)
    places, values = (tuple(map(float, column)) for column in zip(*blocks, strict=True))
    odds = tuple(float(np.log(value / (1 - value))) for value in values)
    return Isotonic(places, odds, 1 / temperature)


def _merge(
    logits: Floats, shares: Floats, starts: NDArray[np.int64], nearest: float
) -> list[tuple[float, float]]:
    """Mean logit and share of each block, those too near to their neighbour joined with it."""
    blocks: list[tuple[float, float, int]] = []
    for part, share in zip(np.split(logits, starts[1:]), shares[starts], strict=True):
        block = (float(part.mean()), float(share), len(part))
        while blocks and block[0] - blocks[-1][0] < nearest:
            before = blocks.pop()
            n = before[2] + block[2]
            block = (
                (before[0] * before[2] + block[0] * block[2]) / n,
                (before[1] * before[2] + block[1] * block[2]) / n,
                n,
            )
        blocks.append(block)
    return [(place, share) for place, share, _ in blocks]


def _no_map(logits: Floats, labels: NDArray[np.int64]) -> None:
    return None


_FITS: dict[str, Callable[[Floats, NDArray[np.int64]], CalibrationMap | None]] = {
    "temperature": _no_map,
    "beta": _fit_beta,
    "isotonic": _fit_isotonic,
}
