"""What an image file says about itself, read without decoding a pixel.

Foreign files are judged by these few bytes before any C library sees them: a picture of 900
megapixels in a 3 MB file is refused here, where it has cost nothing yet.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dfd_tf.data.images.limits import UnusableImage, refuse_bytes, refuse_pixels

_ORIENTATION_TAG = 0x0112  # EXIF 2.32, table 4
_EXIF_PREFIX = b"Exif\0\0"

# Baseline, extended and progressive Huffman coding. No browser shows the others (lossless,
# hierarchical, arithmetic), so they are refused by name.
_JPEG_PROGRESSIVE = 0xC2
_JPEG_FRAMES = {0xC0, 0xC1, _JPEG_PROGRESSIVE}
_JPEG_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_JPEG_START_OF_SCAN, _JPEG_END_OF_IMAGE, _JPEG_APP1 = 0xDA, 0xD9, 0xE1
_JPEG_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}

# A small progressive JPEG may hold thousands of scans of a huge frame; usual files have about ten.
_MAX_SCANS = 100


@dataclass(frozen=True)
class ImageHeader:
    """What the first bytes of an image promise.

    Attributes:
        format: ``"jpeg"``, ``"png"``, ``"webp"``, ``"bmp"`` or ``"gif"``.
        width: pixels per stored row, before the orientation is applied.
        height: stored rows, before the orientation is applied.
        orientation: EXIF orientation, 1 (upright) to 8.
        components: colour components of a JPEG (1, 3 or 4), else None.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    components: int | None = None

    @property
    def plain(self) -> bool:
        """Whether any JPEG decoder gives the same pixels: three components, stored upright."""
        return self.format == "jpeg" and self.components == 3 and self.orientation == 1


def read_header(data: bytes) -> ImageHeader:
    """Read format, size and orientation, and refuse what is too large to decode.

    Args:
        data: the whole file.

    Returns:
        The header of a JPEG, PNG, WebP, BMP or GIF file.

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


def _recognise(data: bytes) -> tuple[str, Callable[[bytes], ImageHeader]]:
    for name, magic, parse in (
        ("JPEG", b"\xff\xd8\xff", _parse_jpeg),
        ("PNG", b"\x89PNG\r\n\x1a\n", _parse_png),
        ("GIF", b"GIF87a", _parse_gif),
        ("GIF", b"GIF89a", _parse_gif),
        ("BMP", b"BM", _parse_bmp),
    ):
        if data.startswith(magic):
            return name, parse
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP", _parse_webp
    raise UnusableImage(_name_foreign(data))


def _name_foreign(data: bytes) -> str:
    if data.startswith((b"II*\0", b"MM\0*")):
        return "TIFF is not supported"
    if data[4:12] in (b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "HEIC and AVIF are not supported"
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "JPEG XL is not supported"
    start = data[:8]
    shown = (
        repr(start.decode()) if start.isascii() and start.decode().isprintable() else start.hex()
    )
    return f"not an image (starts with {shown})"


def _parse_jpeg(data: bytes) -> ImageHeader:
    frame: tuple[int, int, int] | None = None
    orientation = 1
    for marker, start, end in _jpeg_segments(data):
        if marker == _JPEG_PROGRESSIVE and data.count(b"\xff\xda", end) > _MAX_SCANS:
            raise UnusableImage(f"damaged JPEG (more than {_MAX_SCANS} scans)")
        if marker in _JPEG_FRAMES:
            precision, height, width, components = struct.unpack_from(">BHHB", data, start)
            if precision != 8:
                raise UnusableImage(f"{precision}-bit JPEG is not supported")
            frame = width, height, components
        elif marker in _JPEG_OTHER_FRAMES:
            raise UnusableImage("lossless or arithmetic-coded JPEG is not supported")
        elif marker == _JPEG_APP1 and data.startswith(_EXIF_PREFIX, start):
            orientation = _tiff_orientation(data[start + len(_EXIF_PREFIX) : end])
    if frame is None:
        raise UnusableImage("damaged JPEG (no frame header)")
    return ImageHeader("jpeg", frame[0], frame[1], orientation, frame[2])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of the content of each segment before the first scan."""
    position = 2
    while True:
        position = data.find(b"\xff", position)
        if position < 0:
            raise UnusableImage("truncated JPEG")
        while data[position] == 0xFF:  # any number of fill bytes may precede a marker
            position += 1
        marker = data[position]
        position += 1
        if marker == _JPEG_END_OF_IMAGE:
            return
        if marker in _JPEG_WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        if position + length > len(data):
            raise UnusableImage("truncated JPEG")
        if marker == _JPEG_START_OF_SCAN:
            return
        yield marker, position + 2, position + length
        position += length


def _parse_png(data: bytes) -> ImageHeader:
    if data[12:16] != b"IHDR":
        raise UnusableImage("damaged PNG (no header)")
    width, height = struct.unpack_from(">II", data, 16)
    orientation = 1
    for kind, content in _png_chunks(data):
        if kind == b"eXIf":
            orientation = _tiff_orientation(content.tobytes())
    return ImageHeader("png", width, height, orientation)


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


def _parse_gif(data: bytes) -> ImageHeader:
    width, height = struct.unpack_from("<HH", data, 6)
    return ImageHeader("gif", width, height)


def _parse_bmp(data: bytes) -> ImageHeader:
    (header_size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_size == 12 else "<ii", data, 18)
    return ImageHeader("bmp", width, abs(height))  # a negative height means rows from the top


def _parse_webp(data: bytes) -> ImageHeader:
    width, height = _webp_size(data)
    orientation, position = 1, 12
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise UnusableImage("truncated WebP")
    while position + 8 <= size + 8:
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            content = data[position + 8 : position + 8 + length]
            orientation = _tiff_orientation(content.removeprefix(_EXIF_PREFIX))
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


def _tiff_orientation(exif: bytes) -> int:
    """Orientation of a TIFF-shaped EXIF block; 1 where it is absent or makes no sense."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (n_entries,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * n_entries, 12):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", exif, entry)
            if (tag, kind, count) == (_ORIENTATION_TAG, 3, 1):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass  # damaged EXIF says nothing about the picture: viewers show it as stored
    return 1
