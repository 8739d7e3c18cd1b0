"""Compression as WebP."""

from __future__ import annotations

import cv2

from dfd_tf.data.batches.degradations.pixels import recompress
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def webp(image: Image, quality: int) -> Image:
    """Compress as lossy WebP at `quality` (1 to 100) and decode."""
    return recompress(image, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


RECORDS = (
    Degradation(
        "webp",
        lambda image, quality, rng: webp(image, int(quality)),
        words="WebP at quality {}",
        steps=(80,),
        untouched=100,
        axis="WebP quality",
        range=(45, 97),
    ),
)
