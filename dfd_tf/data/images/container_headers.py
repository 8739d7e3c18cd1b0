"""Headers of PNG, WebP, GIF and BMP."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from dfd_tf.data.images.exif import EXIF_PREFIX, orientation_in
from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.limits import UnusableImage
from dfd_tf.data.images.named_colours import profile_of


def parse_png(data: bytes) -> ImageHeader:
    """Read the header of a file that begins as a PNG, and the checksums of all its chunks."""
    if data[12:16] != b"IHDR":
        raise UnusableImage("damaged PNG (no header)")
    width, height = struct.unpack_from(">II", data, 16)
    orientation, profile = 1, b""
    for kind, content in _png_chunks(data):
        if kind == b"eXIf":
            orientation = orientation_in(content.tobytes())
        elif kind == b"cICP" and len(content) == 4:
            profile = profile_of(content[0], content[1])
    return ImageHeader("png", width, height, orientation, profile=profile)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield kind and content of each chunk up to the last, whose absence means a cut file."""
    view = memoryview(data)
    position, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        (checksum,) = struct.unpack_from(">I", data, end)
        # Pillow does not look at the checksum of the pixels, and decodes flipped bits to noise.
        if zlib.crc32(view[position + 4 : end]) != checksum:
            raise UnusableImage("damaged PNG (wrong checksum)")
        yield kind, view[position + 8 : end]
        position = end + 4


def parse_gif(data: bytes) -> ImageHeader:
    """Read the size of the screen of a file that begins as a GIF."""
    width, height = struct.unpack_from("<HH", data, 6)
    return ImageHeader("gif", width, height)


def parse_bmp(data: bytes) -> ImageHeader:
    """Read the header of a file that begins as a BMP."""
    (header_size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_size == 12 else "<ii", data, 18)
    return ImageHeader("bmp", width, abs(height))  # a negative height means rows from the top


def parse_webp(data: bytes) -> ImageHeader:
    """Read the header of a file that begins as a WebP."""
    width, height = _webp_size(data)
    orientation, position = 1, 12
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise UnusableImage("truncated WebP")
    while position + 8 <= size + 8:
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            content = data[position + 8 : position + 8 + length]
            orientation = orientation_in(content.removeprefix(EXIF_PREFIX))
        position += 8 + length + length % 2
    return ImageHeader("webp", width, height, orientation)


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":  # 24 bits each, less one
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
        return 1 + low_w + (high_w << 16), 1 + low_h + (high_h << 16)
    if kind == b"VP8L":  # 14 bits each, less one, after the signature byte
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":  # 14 bits each, the two above are a scaling hint
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise UnusableImage("damaged WebP (no image chunk)")
