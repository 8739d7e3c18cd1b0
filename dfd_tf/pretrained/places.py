"""What a vision transformer has learned of places, brought to another number of patches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Of the cubic kernel, as PyTorch has it.
_SHARPNESS = -0.75


def at_places(places: NDArray[Any], count: int) -> NDArray[Any]:
    """Interpolate the vectors of a square of patches, as DINOv2 does for pictures of another size.

    Bicubic between the centres of patches, without smoothing before it; what lies beyond the border
    is as the border is.

    Args:
        places: the class token's vector and those of n x n patches, row by row: (1 + n x n, width).
        count: how many vectors are wanted, 1 + m x m.

    Returns:
        (count, width) float32; the same array where it has as many.

    Raises:
        ValueError: either number of patches is no square.
    """
    if len(places) == count:
        return places
    old, new = _side(len(places)), _side(count)
    kernel = _cubic(old, new)
    square = places[1:].reshape(old, old, -1)
    patches = np.einsum("yv,xu,vuw->yxw", kernel, kernel, square)
    return np.concatenate([places[:1], patches.reshape(new * new, -1)]).astype(np.float32)


def _side(count: int) -> int:
    side = math.isqrt(count - 1)
    if side * side != count - 1:
        raise ValueError(f"{count - 1} patches are no square")
    return side


def _cubic(old: int, new: int) -> NDArray[np.float64]:
    """Shares (new, old) that the old points have in the new ones."""
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    shares = np.zeros((new, old))
    for step in range(-1, 3):
        points = np.floor(centres).astype(int) + step
        rows = np.arange(new), points.clip(0, old - 1)
        np.add.at(shares, rows, _weight(np.abs(centres - points)))
    return shares


def _weight(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a point within two steps, Keys 1981 (https://doi.org/10.1109/TASSP.1981.1163711)."""
    d, a = distance, _SHARPNESS
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return np.where(d <= 1, near, far)
