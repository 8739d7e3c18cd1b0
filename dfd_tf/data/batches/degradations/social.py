"""A share on social media."""

from __future__ import annotations

import cv2

from dfd_tf.data.batches.degradations.jpeg import jpeg
from dfd_tf.data.batches.degradations.pixels import as_uint8
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def social(image: Image) -> Image:
    """Half size, JPEG 75, back to full size."""
    height, width = image.shape[:2]
    half = cv2.resize(
        image, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA
    )
    return as_uint8(cv2.resize(jpeg(as_uint8(half), 75), (width, height)))


RECORDS = (
    Degradation(
        "social",
        lambda image, strength, rng: social(image),
        words="half size, JPEG 75, back to full size",
        steps=(0,),
    ),
)
