"""Compression as JPEG."""

from __future__ import annotations

import cv2

from dfd_tf.data.batches.degradations.pixels import encode, recompress
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def encode_jpeg(image: Image, quality: int) -> bytes:
    """The file that `jpeg` decodes: baseline, 4:2:0 chroma, the standard tables at `quality`."""
    return encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]).tobytes()


def jpeg(image: Image, quality: int) -> Image:
    """Compress as JPEG with 4:2:0 chroma at `quality` (1 to 100) and decode."""
    return recompress(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


RECORDS = (
    Degradation(
        "jpeg",
        lambda image, quality, rng: jpeg(image, int(quality)),
        words="JPEG at quality {}",
        steps=(95, 85, 75, 60, 45, 30),
        untouched=100,
        axis="JPEG quality",
        range=(45, 97),  # messengers and social networks are at the lower end
    ),
)
