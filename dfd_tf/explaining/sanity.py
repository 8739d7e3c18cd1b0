"""Figures that can show a heat map to be worthless, and the sentence that then belongs on it.

Two questions that every map must answer. Does it come from what the network has learned? Then
random weights give another map (Adebayo et al., NeurIPS 2018, arXiv:1810.03292). Do the hot places
matter to the score? Then it falls sooner when they are blurred first than when others are, and
rises sooner when they are restored first (Petsiuk et al., BMVC 2018, arXiv:1806.07421).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from dfd_tf.types import Floats

Heat = NDArray[np.float32]
Squares = NDArray[np.uint8]
Scorer = Callable[[Squares], Floats]
"""From squares (n, size, size, 3) to the logit of the class asked for, shape (n,)."""

# A square is blurred and restored in patches, a sixteenth of its side each.
PATCHES = 16
STEPS = 16
RANDOM_ORDERS = 5
# Standard deviation of the blur, as a share of the side: nothing finer than a feature remains.
BLUR = 1 / 16
HIGHEST_RANK_CORRELATION = 0.5


@dataclass(frozen=True)
class Sanity:
    """What the checks of one map gave.

    Attributes:
        rank_correlation: Spearman's, of the map with those of networks with random weights, mean;
            0 where they are unrelated, 1 where the weights make no difference.
        deletion: mean logit of the class while the hottest patches are blurred first; lower is
            better.
        deletion_random: the same for random orders, mean.
        insertion: mean logit while the hottest patches are restored first; higher is better.
        insertion_random: the same for random orders, mean.
        empty: the map has no heat anywhere.
    """

    rank_correlation: float
    deletion: float
    deletion_random: float
    insertion: float
    insertion_random: float
    empty: bool = False

    @property
    def failures(self) -> list[str]:
        """Sentences on what is wrong with the map; empty if it passed."""
        if self.empty:
            return ["The map is empty: at this layer, nothing speaks for this verdict."]
        found = []
        if self.rank_correlation > HIGHEST_RANK_CORRELATION:
            found.append(
                "Random weights draw nearly the same map: it shows the image, not the detector."
            )
        if self.deletion >= self.deletion_random:
            found.append(
                "Blurring the hot places lowers the score no more than blurring others: "
                "they do not explain it."
            )
        return found


def check(heat: Heat, random_heats: list[Heat], squares: Squares, score: Scorer) -> Sanity:
    """Check the map of one image, given as its views.

    Args:
        heat: (views, size, size), not negative.
        random_heats: the same of networks with random weights, at least one.
        squares: (views, size, size, 3), what the detector saw.
        score: the detector.
    """
    generator = np.random.default_rng(0)
    patches = to_patches(heat)
    orders = [_ranks(patches, generator)]
    orders += [_ranks(_moved(patches, generator), generator) for _ in range(RANDOM_ORDERS)]
    deletion, insertion = _areas(orders, squares, score)
    return Sanity(
        rank_correlation=float(np.mean([rank_correlation(heat, other) for other in random_heats])),
        deletion=float(deletion[0]),
        deletion_random=float(deletion[1:].mean()),
        insertion=float(insertion[0]),
        insertion_random=float(insertion[1:].mean()),
        empty=not heat.any(),
    )


def rank_correlation(heat: Heat, other: Heat) -> float:
    """Spearman's correlation of two maps, by patch; 0 where either is the same everywhere."""
    a, b = to_patches(heat).ravel(), to_patches(other).ravel()
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(spearmanr(a, b).statistic)


def to_patches(heat: Heat) -> Floats:
    """Mean heat of each patch, (views, PATCHES, PATCHES)."""
    return np.stack(
        [
            cv2.resize(view.astype(np.float64), (PATCHES, PATCHES), interpolation=cv2.INTER_AREA)
            for view in heat
        ]
    )


def _moved(patches: Floats, generator: np.random.Generator) -> Floats:
    """The map moved and mirrored at random: patches of the same shapes in other places.

    Patches strewn at random would not do for comparison: their many edges move a detector of
    traces by themselves.
    """
    shift = tuple(generator.integers(0, PATCHES, 2))
    mirrored = patches[:, :: generator.choice([-1, 1]), :: generator.choice([-1, 1])]
    return np.roll(mirrored, shift, axis=(1, 2))


def _ranks(patches: Floats, generator: np.random.Generator) -> NDArray[np.int64]:
    """Place of each patch in its view, 0 the hottest; patches equally hot in random order."""
    flat = patches.reshape(len(patches), -1)
    order = np.lexsort((generator.random(flat.shape), -flat), axis=-1)
    return np.argsort(order, axis=-1).reshape(patches.shape)


def _areas(
    orders: list[NDArray[np.int64]], squares: Squares, score: Scorer
) -> tuple[Floats, Floats]:
    """Areas under the curves of deletion and insertion for each order of the patches."""
    sigma = squares.shape[1] * BLUR
    blurred = np.stack([cv2.GaussianBlur(square, (0, 0), sigma) for square in squares])
    # Both ends are the same for all orders.
    whole, gone = score(np.concatenate([squares, blurred])).reshape(2, -1).mean(axis=1)
    curves = np.array([_curves(ranks, squares, blurred, score) for ranks in orders])
    deletion, insertion = curves[:, 0], curves[:, 1]
    return _area(deletion, whole, gone), _area(insertion, gone, whole)


def _curves(ranks: NDArray[np.int64], squares: Squares, blurred: Squares, score: Scorer) -> Floats:
    """Logits, mean over the views, at each step between the ends: (2, STEPS - 1)."""
    counts = np.arange(1, STEPS) * PATCHES**2 / STEPS
    place = np.arange(squares.shape[1]) * PATCHES // squares.shape[1]
    # (steps, views, size, size, 1)
    hot = (ranks < counts[:, None, None, None])[:, :, place][..., place][..., None]
    stages = np.concatenate([np.where(hot, blurred, squares), np.where(hot, squares, blurred)])
    logits = score(stages.reshape(-1, *squares.shape[1:]))
    return logits.reshape(2, STEPS - 1, len(squares)).mean(axis=-1)


def _area(curves: Floats, first: float, last: float) -> Floats:
    """Trapezoids over the share of patches from 0 to 1: the mean logit on the way."""
    return np.asarray((curves.sum(axis=1) + (first + last) / 2) / STEPS)
