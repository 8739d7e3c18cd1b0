"""Bytes to RGB pixels, or a reason why not: the only door for foreign images.

A decoder for each job. JPEG goes to libjpeg-turbo, see `jpeg_pixels`; everything else goes to
Pillow, see `pillow_pixels`. Neither is asked before our own header parser has agreed, and Pillow is
told which single format to expect.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dfd_tf.data.images.files import read_bytes
from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.jpeg_pixels import decode_jpeg
from dfd_tf.data.images.limits import MAX_BYTES, MAX_PIXELS, UnusableImage
from dfd_tf.data.images.pillow_pixels import decode_with_pillow
from dfd_tf.data.images.recognise import read_header
from dfd_tf.types import Image

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "ImageHeader",
    "UnusableImage",
    "decode_image",
    "decode_read",
    "decode_with_header",
    "read_bytes",
    "read_header",
    "read_image",
]


def read_image(path: str | Path) -> Image:
    """Read and decode an image file.

    Args:
        path: an image of any supported format, whatever its extension says.

    Returns:
        uint8 RGB, shape (height, width, 3), upright.

    Raises:
        UnusableImage: no such file, not a file, unreadable, or see `decode_image`.
    """
    return decode_image(read_bytes(path))


def decode_image(data: bytes) -> Image:
    """Decode a JPEG, PNG, WebP, BMP, GIF (first frame), HEIF or AVIF to upright sRGB.

    What a viewer would show: an embedded colour profile is applied, transparency is laid over
    white, CMYK, palette and grey become RGB, 16-bit samples lose their low byte (as libpng and
    TensorFlow do), the orientation is applied once.

    Args:
        data: the whole file.

    Returns:
        uint8 RGB, shape (height, width, 3).

    Raises:
        UnusableImage: with a reason, where the bytes are foreign, truncated, damaged, or larger
            than ``MAX_BYTES`` or ``MAX_PIXELS``, which is checked before anything is decoded; where
            memory does not suffice; where HEIF needs a package that is not installed.
    """
    return decode_with_header(data)[0]


def decode_with_header(data: bytes) -> tuple[Image, ImageHeader]:
    """Decode as `decode_image` does, and give the header that was read on the way."""
    header = read_header(data)
    return decode_read(data, header), header


def decode_read(data: bytes, header: ImageHeader) -> Image:
    """Decode a file of which `read_header` has read the header, as `decode_image` does."""
    decode = decode_jpeg if header.format == "jpeg" else decode_with_pillow
    try:
        return _upright(decode(data, header), header.orientation)
    except MemoryError:
        raise UnusableImage(
            f"not enough memory to decode {header.width} x {header.height} pixels"
        ) from None


def _upright(pixels: Image, orientation: int) -> Image:
    if orientation == 1:
        return pixels
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
