"""Which format a file is in, and its header, read without decoding a pixel.

Foreign files are judged by these few bytes before any C library sees them: a picture of 900
megapixels in a 3 MB file is refused here, where it has cost nothing yet.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from dfd_tf.data.images.container_headers import parse_bmp, parse_gif, parse_png, parse_webp
from dfd_tf.data.images.foreign import name_foreign
from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.heif_header import is_avif, is_heif, parse_avif, parse_heif
from dfd_tf.data.images.jpeg_header import parse_jpeg
from dfd_tf.data.images.limits import UnusableImage, refuse_bytes, refuse_pixels

_Parse = Callable[[bytes], ImageHeader]
_MAGIC: tuple[tuple[bytes, str, _Parse], ...] = (
    (b"\xff\xd8\xff", "JPEG", parse_jpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", parse_png),
    (b"GIF87a", "GIF", parse_gif),
    (b"GIF89a", "GIF", parse_gif),
    (b"BM", "BMP", parse_bmp),
)


def read_header(data: bytes) -> ImageHeader:
    """Read format, size and orientation, and refuse what is too large to decode.

    Args:
        data: the whole file.

    Returns:
        The header of a JPEG, PNG, WebP, BMP, GIF, HEIF or AVIF file.

    Raises:
        UnusableImage: empty, not one of these formats, cut off inside its headers, above
            ``MAX_BYTES`` bytes or ``MAX_PIXELS`` pixels.
    """
    if not data:
        raise UnusableImage("empty file")
    refuse_bytes(len(data))
    name, parse = _recognise(data)
    try:
        header = parse(data)
    except (struct.error, IndexError):
        raise UnusableImage(f"truncated {name}") from None
    if min(header.width, header.height) < 1:
        raise UnusableImage(f"damaged {name} (no pixels)")
    refuse_pixels(header.width, header.height)
    return header


def _recognise(data: bytes) -> tuple[str, _Parse]:
    for magic, name, parse in _MAGIC:
        if data.startswith(magic):
            return name, parse
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP", parse_webp
    if is_avif(data):
        return "AVIF", parse_avif
    if is_heif(data):
        return "HEIF", parse_heif
    raise UnusableImage(name_foreign(data))
