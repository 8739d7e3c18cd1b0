"""Loss of pixels: shrunk on the way, enlarged at the end."""

from __future__ import annotations

import cv2

from dfd_tf.data.batches.degradations.pixels import as_uint8
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def resize(image: Image, scale: float, interpolation: int = cv2.INTER_LINEAR) -> Image:
    """Shrink by `scale` (0 to 1) with area averaging, then enlarge back."""
    height, width = image.shape[:2]
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return as_uint8(cv2.resize(shrunk, (width, height), interpolation=interpolation))


RECORDS = (
    Degradation(
        "resize",
        lambda image, scale, rng: resize(image, scale),
        words="resized to {} and back",
        steps=(0.75, 0.5, 0.25),
        untouched=1.0,
        axis="resized to, and back",
        range=(0.4, 0.95),
    ),
)
