"""Small pictures inside a page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dfd_tf.data.images.decode import UnusableImage, read_image

THUMBNAIL_SIDE = 128  # pixels
THUMBNAIL_QUALITY = 80


def thumbnail(path: str) -> str:
    """A small JPEG of an image file as a data URI; empty where it cannot be read."""
    try:
        return picture_uri(read_image(path))
    except (UnusableImage, OSError):
        return ""


def picture_uri(pixels: NDArray[np.uint8]) -> str:
    """A small JPEG of RGB pixels as a data URI."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
