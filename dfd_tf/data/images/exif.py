"""The orientation in an EXIF block."""

from __future__ import annotations

import struct

EXIF_PREFIX = b"Exif\0\0"

_ORIENTATION_TAG = 0x0112  # EXIF 2.32, table 4
_UNSIGNED_SHORT = 3
_BYTE_ORDERS = {b"II": "<", b"MM": ">"}


def is_tiff(exif: bytes) -> bool:
    """Whether a block begins as EXIF must, with a byte order, and is not a continuation."""
    return exif[:2] in _BYTE_ORDERS


def orientation_in(exif: bytes) -> int:
    """Orientation 1 to 8 of a TIFF-shaped EXIF block; 1 where it is absent or makes no sense."""
    if not is_tiff(exif):
        return 1
    order = _BYTE_ORDERS[exif[:2]]
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (n_entries,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * n_entries, 12):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", exif, entry)
            if (tag, kind, count) == (_ORIENTATION_TAG, _UNSIGNED_SHORT, 1):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass  # damaged EXIF says nothing about the picture: viewers show it as stored
    return 1
