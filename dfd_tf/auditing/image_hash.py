"""A picture as 256 bits, alike for pictures that look alike, and the pairs that are alike."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.types import Image

Hashes = NDArray[np.uint64]  # (n, 4)

SIDE = 16
BITS = SIDE * SIDE
NEAR = 10  # bits; the convention of the field for a hash of this length
_SHUFFLE_SEED = 0


def difference_hash(image: Image) -> Hashes:
    """Whether each cell of a 16 x 17 miniature is darker than its right neighbour, shape (4,).

    Survives another size, codec and slight change of tone (Krawetz 2013, "Kind of like that").
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, :-1] < small[:, 1:]).view(np.uint64)


def near_pairs(hashes: Hashes, distance: int = NEAR) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of hashes that differ in at most so many bits.

    The bits are dealt to `distance` + 1 bands. Two hashes within the distance must agree in one
    band wholly, so only hashes that share a band are compared: the work grows with the number of
    look-alikes, not with n² (Manku et al., WWW 2007).

    Args:
        hashes: shape (n, 4), all different; equal ones are best merged before.
        distance: in bits, 0 to 30.

    Returns:
        Pairs, shape (m, 2), the lower row first, sorted; and their distances, shape (m,).
    """
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)
    # Neighbouring bits agree on many a plain background; dealt at random, the bands tell more.
    order = np.random.default_rng(_SHUFFLE_SEED).permutation(BITS)
    found = [
        _pairs_sharing(np.packbits(bits[:, band], axis=1), hashes, distance)
        for band in np.array_split(order, distance + 1)
    ]
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs, hamming(hashes[pairs[:, 0]], hashes[pairs[:, 1]])


def hamming(a: Hashes, b: Hashes) -> NDArray[np.int64]:
    """Number of differing bits of hashes of shape (..., 4)."""
    return np.bitwise_count(a ^ b).sum(axis=-1, dtype=np.int64)


def _pairs_sharing(band: Image, hashes: Hashes, distance: int) -> NDArray[np.int64]:
    """Pairs (m, 2) that agree in a band, shape (n, bytes), and are near as a whole."""
    keys = np.unique(band, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    found = [np.empty((0, 2), np.int64)]
    # In sorted order sharers are neighbours: compare each with the next, the second next, ...
    left, step = np.arange(len(keys)), 1
    while len(left := left[left + step < len(keys)]):
        left = left[keys[left] == keys[left + step]]
        pairs = np.sort(np.stack([order[left], order[left + step]], axis=1), axis=1)
        near = hamming(hashes[pairs[:, 0]], hashes[pairs[:, 1]]) <= distance
        found.append(pairs[near])
        step += 1
    return np.concatenate(found)
