"""How often each image stands in each replicate of a bootstrap.

What is drawn with replacement are whole groups (the images of one person, one video, one source
photo), because images of one group are no independent evidence; where no groups are known every
image is its own. The draw is stratified: groups of real images, of fake images and of both are
drawn separately, each stratum as often as it has groups, so that a replicate has the classes in
the shares in which the test set was made up (exactly so if groups are of equal size). A group
counts once, however many images it has (Field and Welsh 2007, "Bootstrapping clustered data").
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.float64]

# Of each class that is there. In simulations with an AUC of 0.86 the 95 % interval held the truth
# 40 times in 100 with two groups a class, 80 with five, 90 with ten, 93 with twenty.
FEWEST_GROUPS = 10

# About 32 MB a block of counts, whatever the number of images.
BLOCK_ENTRIES = 4_000_000


def group_numbers(groups: ArrayLike | None, n: int) -> NDArray[np.int64]:
    """(n,) group names as numbers from 0; without groups every image is its own."""
    if groups is None:
        return np.arange(n)
    _, numbers = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    if len(numbers) != n:
        raise ValueError(f"{len(numbers)} groups do not fit {n} images")
    return np.asarray(numbers, np.int64)


def strata_of(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The group numbers of each stratum that occurs: all real, all fake, mixed."""
    if not len(groups):
        return []
    share_fake = np.bincount(groups, weights=labels) / np.bincount(groups)
    kinds = (share_fake == 0, share_fake == 1, (share_fake > 0) & (share_fake < 1))
    return [np.flatnonzero(kind) for kind in kinds if kind.any()]


def bears_interval(
    labels: NDArray[np.int64], groups: NDArray[np.int64], fewest: int = FEWEST_GROUPS
) -> bool:
    """Whether every class that is there has at least so many groups."""
    return all(len(np.unique(groups[labels == label])) >= fewest for label in np.unique(labels))


def resample(
    labels: NDArray[np.int64], groups: NDArray[np.int64], replicates: int, seed: int
) -> Iterator[Counts]:
    """Yields blocks (replicates in the block, n) of counts; the same seed gives the same counts.

    Args:
        labels: (n,) 0 for real, 1 for fake.
        groups: (n,) from `group_numbers`.
        replicates: How many replicates the blocks hold together.
        seed: Of NumPy's default generator.
    """
    rng = np.random.default_rng(seed)
    strata = strata_of(labels, groups)
    per_block = max(1, BLOCK_ENTRIES // max(1, len(labels)))
    for start in range(0, replicates, per_block):
        size = min(per_block, replicates - start)
        yield np.stack([_draw(rng, strata)[groups] for _ in range(size)])


def _draw(rng: np.random.Generator, strata: list[NDArray[np.int64]]) -> Counts:
    """(number of groups,) how often each group is drawn."""
    drawn = [members[rng.integers(len(members), size=len(members))] for members in strata]
    n_groups = sum(len(members) for members in strata)
    return np.bincount(np.concatenate(drawn), minlength=n_groups).astype(np.float64)
