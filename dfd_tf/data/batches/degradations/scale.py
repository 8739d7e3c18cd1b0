"""Distance of the face: the photo shrunk, and judged as the smaller photo that it then is."""

from __future__ import annotations

from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.data.preprocess import SMALLEST_SIDE, resize_to
from dfd_tf.types import Image

# Width of the picture in widths of the face, as public sets and our cutter frame it.
FRAMED = 1.55


def shrink_to_face(image: Image, pixels: float) -> Image:
    """Shrink a picture framed around a face until that is so many pixels wide; never enlarge."""
    height, width = image.shape[:2]
    short = min(height, width)
    scale = max(pixels * FRAMED, SMALLEST_SIDE) / short
    if scale >= 1:
        return image
    return resize_to(image, round(height * scale), round(width * scale))


RECORDS = (
    Degradation(
        "scale",
        lambda image, pixels, rng: shrink_to_face(image, pixels),
        words="shrunk to a face of {} pixels",
        steps=(128, 96, 64),
        untouched=165,
        axis="pixels of the face",
        keeps_size=False,
    ),
)
