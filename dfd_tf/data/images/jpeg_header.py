"""The segments of a JPEG before its first scan, and whether its scans are all there."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dfd_tf.data.images.exif import EXIF_PREFIX, is_tiff, orientation_in
from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.limits import UnusableImage

END_OF_IMAGE = b"\xff\xd9"
_SCAN = b"\xff\xda"
_START = 2  # after the mark that begins every JPEG

# Baseline, extended and progressive Huffman coding. No browser shows the others (lossless,
# hierarchical, arithmetic), so they are refused by name.
_PROGRESSIVE = 0xC2
_FRAMES = {0xC0, 0xC1, _PROGRESSIVE}
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_START_OF_SCAN, _END_OF_IMAGE, _APP1, _APP2 = 0xDA, 0xD9, 0xE1, 0xE2
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_PROFILE_PREFIX = b"ICC_PROFILE\0"

# A small progressive JPEG may hold thousands of scans of a huge frame; usual files have about ten.
_MAX_SCANS = 100
_COEFFICIENTS = 64


def parse_jpeg(data: bytes) -> ImageHeader:
    """Read the header of a file that begins as a JPEG.

    Raises:
        UnusableImage: cut off, damaged, or of a kind that is not supported.
        struct.error: cut off inside a segment.
    """
    frame: tuple[int, int, int] | None = None
    exif: bytes | None = None
    profile: dict[int, bytes] = {}
    end = _START
    for marker, start, end in _segments(data):
        content = data[start:end]
        if marker in _FRAMES:
            frame = _parse_frame(content)
            if marker == _PROGRESSIVE:
                _refuse_many_scans(data, end)
        elif marker in _OTHER_FRAMES:
            raise UnusableImage("lossless or arithmetic-coded JPEG is not supported")
        elif marker == _APP1 and exif is None:  # what follows the first block continues it
            exif = _exif_in(content)
        elif marker == _APP2 and content.startswith(_PROFILE_PREFIX):
            profile |= _numbered(content[len(_PROFILE_PREFIX) :])
    if frame is None:
        raise UnusableImage("damaged JPEG (no frame header)")
    width, height, components = frame
    return ImageHeader(
        "jpeg",
        width,
        height,
        orientation_in(exif or b""),
        components,
        _joined(profile),
        data.rfind(END_OF_IMAGE, end) >= 0,
    )


def has_every_coefficient(data: bytes, components: int) -> bool:
    """Whether the scans of a JPEG bring each coefficient of each component to its full precision.

    A progressive JPEG that was cut between two scans decodes without complaint, but coarsely.

    Args:
        data: a file that `parse_jpeg` has read.
        components: of its frame.
    """
    precise: set[tuple[int, int]] = set()
    place = data.find(_SCAN, max([_START, *(end for _, _, end in _segments(data))]))
    while 0 <= place < len(data) - 4:
        n = data[place + 4]
        content = data[place + 5 : place + 8 + 2 * n]
        if len(content) < 2 * n + 3:
            return False
        first, last, precision = content[2 * n :]
        if precision & 0x0F == 0:
            precise.update((c, k) for c in content[: 2 * n : 2] for k in range(first, last + 1))
        place = data.find(_SCAN, place + 2)
    return len(precise) == components * _COEFFICIENTS


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of the content of each segment before the first scan."""
    position = _START
    while True:
        position = data.find(b"\xff", position)
        if position < 0:
            raise UnusableImage("truncated JPEG")
        while data[position] == 0xFF:  # any number of fill bytes may precede a marker
            position += 1
        marker = data[position]
        position += 1
        if marker == _END_OF_IMAGE:
            return
        if marker in _WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        if position + length > len(data):
            raise UnusableImage("truncated JPEG")
        if marker == _START_OF_SCAN:
            return
        yield marker, position + 2, position + length
        position += length


def _parse_frame(content: bytes) -> tuple[int, int, int]:
    precision, height, width, components = struct.unpack_from(">BHHB", content)
    if precision != 8:
        raise UnusableImage(f"{precision}-bit JPEG is not supported")
    return width, height, components


def _refuse_many_scans(data: bytes, start: int) -> None:
    if data.count(_SCAN, start) > _MAX_SCANS:
        raise UnusableImage(f"damaged JPEG (more than {_MAX_SCANS} scans)")


def _exif_in(content: bytes) -> bytes | None:
    block = content.removeprefix(EXIF_PREFIX)
    return block if content.startswith(EXIF_PREFIX) and is_tiff(block) else None


def _numbered(part: bytes) -> dict[int, bytes]:
    """A part of an ICC profile under its number, from 1; parts without numbers are lost."""
    return {part[0]: part[2:]} if len(part) > 2 else {}


def _joined(parts: dict[int, bytes]) -> bytes:
    """The ICC profile out of its parts; where some are missing littleCMS finds it damaged."""
    return b"".join(parts[number] for number in sorted(parts))
