"""What the degradations of OpenCV share."""

from __future__ import annotations

import cv2
import numpy as np

from dfd_tf.types import Image


def encode(image: Image, extension: str, options: list[int]) -> Image:
    """The bytes of an image file, uint8, of RGB pixels.

    Args:
        image: RGB image.
        extension: names the format, such as ".jpg".
        options: OpenCV's flags and their values in turn.
    """
    return as_uint8(cv2.imencode(extension, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1])


def recompress(image: Image, extension: str, options: list[int]) -> Image:
    """The pixels that are left once the image was written; arguments are those of `encode`."""
    decoded = cv2.imdecode(encode(image, extension, options), cv2.IMREAD_COLOR)
    assert decoded is not None
    return as_uint8(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB))


def as_uint8(image: cv2.typing.MatLike) -> Image:
    """An image as the type checker wants to see it."""
    return image.astype(np.uint8, copy=False)
