"""Heat laid over a photo, in the colour of the class that it speaks for."""

from __future__ import annotations

import cv2
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from dfd_tf.reporting.style import FAKE, INK, REAL

LONGEST_SIDE = 900
"""Pixels; larger images are shrunk before they are drawn."""

# From the middle of the ramp upwards lighter, so that the hottest place stands out.
_RAMPS = {
    0: LinearSegmentedColormap.from_list("real", [INK, REAL, "#9fd8ff"]),
    1: LinearSegmentedColormap.from_list("fake", [INK, FAKE, "#ffd58a"]),
}
_OPACITY = 0.85
_TOP_PERCENTILE = 99.8
_PALE = 0.7


def relative(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Heat as a share of the most in this image, in [0, 1]; all 0 where there is none."""
    top = float(np.percentile(heat, _TOP_PERCENTILE)) or float(heat.max())
    return np.clip(heat / top, 0, 1) if top > 0 else np.zeros_like(heat)


def overlay(
    image: NDArray[np.uint8],
    heat: NDArray[np.float32],
    target: int,
    seen: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Lay the heat over the image in grey.

    Args:
        image: RGB, (height, width, 3).
        heat: (height, width), not negative.
        target: the class that the heat speaks for, 1 fake or 0 real.
        seen: (height, width), what the detector saw; the rest is drawn pale.

    Returns:
        RGB of the image's shape.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    base = np.repeat(grey[..., None], 3, axis=2)
    if seen is not None:
        base[~seen] += _PALE * (255 - base[~seen])
    share = relative(heat)
    opacity = _OPACITY * share[..., None]
    colours = 255 * _RAMPS[target](share)[..., :3].astype(np.float32)
    return np.rint(base + opacity * (colours - base)).astype(np.uint8)


def shrunk(picture: NDArray, longest: int = LONGEST_SIDE) -> NDArray:  # type: ignore[type-arg]
    """An image or map with its longest side at most `longest` pixels, of the same dtype."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    kept = picture.astype(np.float32) if picture.dtype == bool else picture
    small = cv2.resize(kept, size, interpolation=cv2.INTER_AREA)
    return small > 0.5 if picture.dtype == bool else small
