"""Loss of sharpness."""

from __future__ import annotations

import cv2

from dfd_tf.data.batches.degradations.pixels import as_uint8
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def blur(image: Image, sigma: float) -> Image:
    """Blur with a Gaussian of `sigma` pixels."""
    return as_uint8(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT))


RECORDS = (
    Degradation(
        "blur",
        lambda image, sigma, rng: blur(image, sigma),
        words="Gaussian blur, sigma {} pixels",
        steps=(0.5, 1, 2, 3),
        axis="blur, sigma in pixels",
        range=(0.3, 2.0),
    ),
)
