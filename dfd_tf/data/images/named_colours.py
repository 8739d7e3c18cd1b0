"""Colours that HEIF, AVIF and PNG name by number (ITU-T H.273) in place of a profile."""

from __future__ import annotations

import struct
from functools import cache

from dfd_tf.data.images.limits import UnusableImage

# Columns: red, green and blue light in XYZ under D50, of the primaries wider than those of sRGB.
_WIDE = {
    9: ((0.67346, 0.16566, 0.12510), (0.27903, 0.67534, 0.04563), (-0.00193, 0.02998, 0.79716)),
    12: ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407)),
}
WIDE_PRIMARIES = tuple(_WIDE)  # BT.2020, Display P3
HDR_TRANSFERS = (16, 18)  # PQ, HLG
HDR = "this is an HDR picture: save it with standard range (SDR), in sRGB"

_D50 = (0.9642, 1.0, 0.8249)
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def profile_of(primaries: int, transfer: int) -> bytes:
    """An ICC profile of named colours, empty where they are those of sRGB or unknown.

    Raises:
        UnusableImage: they are of high dynamic range, which is no question of colours only.
    """
    if transfer in HDR_TRANSFERS:
        raise UnusableImage(HDR)
    return _wide_profile(primaries) if primaries in _WIDE else b""


@cache
def _wide_profile(primaries: int) -> bytes:
    """Version 4 of ICC.1:2010: a header, a table of tags, the tags."""
    columns = zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*_WIDE[primaries], strict=True), strict=True)
    tags = {name: b"XYZ " + bytes(4) + _fixed(*column) for name, column in columns}
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*_SRGB_CURVE)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content
    size = 128 + len(table) + len(body)
    header = struct.pack(">II4s", size, 0, b"\4\x20") + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    return (header.ljust(68, b"\0") + _fixed(*_D50)).ljust(128, b"\0") + table + body


def _fixed(*values: float) -> bytes:
    """Numbers with 16 bits before and 16 behind the point."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
