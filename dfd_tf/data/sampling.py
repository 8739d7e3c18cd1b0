"""Which training images an epoch shows, in which order: a pure function of seed and epoch."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Balance = Literal["none", "class_weight", "class", "source"]


def epoch_order(
    examples: pd.DataFrame, *, balance: Balance, n_images: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Row numbers of the images that an epoch shows, in order.

    Args:
        examples: table with the columns label and source.
        balance: "class" shows real and fake equally often, "source" also every source; the
            rest show every image equally often.
        n_images: length of the epoch. Images are drawn in rounds without replacement, so none
            comes again before all of its kind have come.
        seed: seed of the run.
        epoch: number of the epoch.
    """
    rng = np.random.default_rng([seed, epoch])
    cells = _cells(examples, balance)
    shares = np.full(len(cells), n_images // len(cells))
    shares[: n_images % len(cells)] += 1
    drawn = [_draw(rows, share, rng) for rows, share in zip(cells, shares, strict=True)]
    return rng.permutation(np.concatenate(drawn))


def class_weights(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Weight of each image, inverse to its class's share, with mean 1."""
    counts = np.bincount(labels, minlength=2)
    return (len(labels) / (2 * counts))[labels].astype(np.float32)


def _cells(examples: pd.DataFrame, balance: Balance) -> list[NDArray[np.int64]]:
    keys = {"class": ["label"], "source": ["source", "label"]}.get(balance)
    if keys is None:
        return [np.arange(len(examples))]
    groups = examples.reset_index(drop=True).groupby(keys, sort=True).indices
    return [np.asarray(rows) for rows in groups.values()]


def _draw(rows: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    rounds = -(-n // len(rows))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:n]
