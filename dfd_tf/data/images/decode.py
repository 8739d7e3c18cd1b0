"""Bytes to RGB pixels, or a reason why not: the only door for foreign images.

A decoder for each job. JPEG goes to libjpeg-turbo through simplejpeg: the exact integer DCT (equal
bit for bit to TensorFlow's INTEGER_ACCURATE and OpenCV), twice as fast as OpenCV, and strict: where
the data end early it says so instead of painting the rest grey and printing to stderr. Everything
else goes to Pillow, which raises on truncated files and knows palettes, transparency, 16-bit
samples and first frames. Neither is asked before our own header parser has agreed, and Pillow is
told which single format to expect.
"""

from __future__ import annotations

import io
import re
import stat
from pathlib import Path

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from PIL import Image, UnidentifiedImageError

from dfd_tf.data.images.header import ImageHeader, read_header
from dfd_tf.data.images.limits import (
    MAX_BYTES,
    MAX_PIXELS,
    UnusableImage,
    refuse_bytes,
    refuse_pixels,
)

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "ImageHeader",
    "UnusableImage",
    "decode_image",
    "decode_with_header",
    "read_bytes",
    "read_header",
    "read_image",
]

_NAMES = {"png": "PNG", "webp": "WebP", "bmp": "BMP", "gif": "GIF"}

# What the strict decoder refuses although every pixel is there: padding after the last scan, odd
# header fields, rare chroma sampling. Pillow reads these with the same library, and leniently.
_PIXELS_INTACT = re.compile(
    r"extraneous bytes before marker 0xd9|unknown JFIF revision|Unknown Adobe color transform"
    r"|Invalid SOS parameters|Could not determine subsampling"
)


def read_image(path: str | Path) -> np.ndarray:
    """Read and decode an image file.

    Args:
        path: an image of any supported format, whatever its extension says.

    Returns:
        uint8 RGB, shape (height, width, 3), upright.

    Raises:
        UnusableImage: no such file, not a file, unreadable, or see `decode_image`.
    """
    return decode_image(read_bytes(path))


def read_bytes(path: str | Path) -> bytes:
    """Read a file of at most ``MAX_BYTES`` bytes.

    Raises:
        UnusableImage: no such file, not a regular file, unreadable or too large.
    """
    path = Path(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnusableImage("is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise UnusableImage("is not a regular file")
        refuse_bytes(status.st_size)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # it may have grown since
    except FileNotFoundError:
        raise UnusableImage("no such file") from None
    except OSError as error:
        raise UnusableImage(f"cannot be read ({error.strerror})") from None
    except ValueError as error:
        if isinstance(error, UnusableImage):
            raise
        raise UnusableImage("not a file name") from None


def decode_image(data: bytes) -> np.ndarray:
    """Decode a JPEG, PNG, WebP, BMP or GIF (first frame) to upright RGB.

    What a viewer would show: transparency is laid over white, CMYK, palette and grey become RGB,
    16-bit samples lose their low byte (as libpng and TensorFlow do), the EXIF orientation is
    applied once. Colour profiles are not applied.

    Args:
        data: the whole file.

    Returns:
        uint8 RGB, shape (height, width, 3).

    Raises:
        UnusableImage: with a reason, where the bytes are foreign, truncated, damaged, or larger
            than ``MAX_BYTES`` or ``MAX_PIXELS``; the size is checked before anything is decoded.
    """
    return decode_with_header(data)[0]


def decode_with_header(data: bytes) -> tuple[np.ndarray, ImageHeader]:
    """Decode as `decode_image` does, and give the header that was read on the way."""
    header = read_header(data)
    if header.format == "jpeg":
        pixels = _decode_jpeg(data, header)
    else:
        pixels = _decode_with_pillow(data, _NAMES[header.format])
    return _upright(pixels, header.orientation), header


def _decode_jpeg(data: bytes, header: ImageHeader) -> np.ndarray:
    inks = header.components == 4
    try:
        pixels: np.ndarray = simplejpeg.decode_jpeg(data, "CMYK" if inks else "RGB")
    except ValueError as error:
        if _PIXELS_INTACT.search(str(error)):
            return _decode_with_pillow(data, "JPEG")
        raise UnusableImage(_jpeg_reason(str(error))) from None
    if inks:  # stored inverted, as Adobe began and everybody followed
        image = Image.frombytes(
            "CMYK", (pixels.shape[1], pixels.shape[0]), (255 - pixels).tobytes()
        )
        return np.array(image.convert("RGB"))
    return pixels


def _jpeg_reason(message: str) -> str:
    if "premature end" in message.lower():
        return "truncated JPEG"
    return f"damaged JPEG ({message.removeprefix('Corrupt JPEG data: ')})"


def _decode_with_pillow(data: bytes, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data), formats=[name.upper()]) as image:
            refuse_pixels(image.width, image.height)  # a GIF frame may exceed the screen it states
            return np.array(_to_rgb(image))
    except UnusableImage:
        raise
    except UnidentifiedImageError:
        raise UnusableImage(f"damaged {name}") from None
    # Pillow's parsers are Python and raise what they happen to meet; the file is to blame.
    except Exception as error:
        truncated = "truncated" in str(error).lower()
        reason = f"truncated {name}" if truncated else f"damaged {name} ({error})"
        raise UnusableImage(reason) from None


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey; 16-bit colour arrives as 8-bit already
        high_byte = np.asarray(image).astype(np.uint16) >> 8
        return Image.fromarray(high_byte.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    if orientation == 1:
        return pixels
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
