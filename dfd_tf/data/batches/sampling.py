"""Which training images an epoch shows, in which order: a pure function of seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Balance = Literal["none", "class_weight", "class", "source"]


def epoch_order(
    examples: pd.DataFrame,
    *,
    balance: Balance,
    n_images: int,
    seed: int,
    epoch: int,
    fake_share: float = 0.5,
) -> NDArray[np.int64]:
    """Row numbers of the images that an epoch shows, in order.

    Args:
        examples: table with the columns label and source.
        balance: "class" shows real and fake in fixed shares; "source" so within every source, the
            sources in the ratio of the square roots of their sizes, between drowning the small
            and wearing them out; the rest show every image equally often.
        n_images: length of the epoch. Images are drawn in rounds without replacement, so none
            comes again before all of its kind have come.
        seed: seed of the run.
        epoch: number of the epoch.
        fake_share: share of the fakes where balance is "class" or "source"; of no effect on
            examples of one class.
    """
    rng = np.random.default_rng([seed, epoch])
    cells, weights = _cells(examples.reset_index(drop=True), balance, fake_share)
    ends = np.rint(np.cumsum(weights) / weights.sum() * n_images).astype(np.int64)
    shares = np.diff(ends, prepend=0)
    drawn = [_draw(rows, share, rng) for rows, share in zip(cells, shares, strict=True)]
    return rng.permutation(np.concatenate(drawn))


def choose_twins(
    order: NDArray[np.int64],
    labels: NDArray[np.int64],
    shares: Sequence[float],
    *,
    seed: int,
    epoch: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put fakes to be made of real photos into the places of some fakes of an epoch.

    Each is the twin of a real photo of the same epoch, so that the balance of classes and of the
    reals' sources stays.

    Args:
        order: row numbers, as `epoch_order` gives them.
        labels: (len(order),) their classes.
        shares: for each way to make a fake, the share of the epoch's fakes to be made so.
        seed: seed of the run.
        epoch: number of the epoch.

    Returns:
        The new order, and for each place 0 for an image shown as it is, or 1 + the way's number.
    """
    twins, ways = order.copy(), np.zeros(len(order), np.int64)
    reals = np.flatnonzero(labels == 0)
    if not len(reals) or not any(shares):
        return twins, ways
    rng = np.random.default_rng([seed, epoch, 2])
    fakes = rng.permutation(np.flatnonzero(labels == 1))
    ends = np.rint(np.cumsum(shares) * len(fakes)).astype(np.int64)
    for way, places in enumerate(np.split(fakes, ends)[:-1], start=1):
        ways[places] = way
    twins[ways > 0] = order[_draw(reals, int(ends[-1]), rng)]
    return twins, ways


def class_weights(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Weight of each image, inverse to its class's share, with mean 1."""
    counts = np.bincount(labels, minlength=2)
    return (len(labels) / (2 * counts))[labels].astype(np.float32)


def _cells(
    examples: pd.DataFrame, balance: Balance, fake_share: float
) -> tuple[list[NDArray[np.int64]], NDArray[np.float64]]:
    """Rows to draw from, and the weight of each such cell."""
    if balance not in ("class", "source"):
        return [np.arange(len(examples))], np.ones(1)
    sources = examples.source if balance == "source" else pd.Series("all", examples.index)
    root = np.sqrt(sources.value_counts())
    cells, weights = [], []
    by_class = examples.groupby("label").indices
    for label, rows in by_class.items():
        in_class = sources.iloc[rows]
        present = root[in_class.unique()]
        cells += [rows[in_class == source] for source in present.index]
        share = (fake_share if label == 1 else 1 - fake_share) if len(by_class) > 1 else 1.0
        weights += list(share * present / present.sum())
    return cells, np.array(weights)


def _draw(rows: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    rounds = max(1, -(-n // len(rows)))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:n]
