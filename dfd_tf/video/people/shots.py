"""Where a video cuts from one shot to the next."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.types import Image

CUT_DISTANCE = 0.45  # Hellinger distance of colour histograms, from 0 to 1
_SIDE = 96  # pixels to which a frame is brought first
_BINS = (16, 8)  # of hue and saturation
_VALUES = 8


class ShotFinder:
    """Tells of frame after frame whether a new shot begins with it.

    A cut changes the colours of the whole picture at once. Fades and wipes are found late or not
    at all, which costs no more than a track that goes on.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def begins(self, image: Image) -> bool:
        """Whether this RGB frame begins a shot, as the first one does."""
        now, before = _histogram(image), self._before
        self._before = now
        return before is None or hellinger(now, before) > CUT_DISTANCE


def hellinger(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Distance of two histograms that sum to 1: from 0, the same, to 1, nothing in common."""
    return float(np.sqrt(max(0.0, 1.0 - float(np.sqrt(a * b).sum()))))


def colours(image: Image) -> NDArray[np.float32]:
    """Histogram of an RGB image over hue and saturation, and over brightness; its sum is 1."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    tint = cv2.calcHist([hsv], [0, 1], None, list(_BINS), [0, 180, 0, 256]).ravel()
    value = cv2.calcHist([hsv], [2], None, [_VALUES], [0, 256]).ravel()
    both = np.concatenate([tint, value], dtype=np.float32)
    return both / np.float32(max(1.0, 2 * tint.sum()))


def _histogram(image: Image) -> NDArray[np.float32]:
    small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
    return colours(small.astype(np.uint8, copy=False))
