"""The size of a HEIF or AVIF picture, out of the boxes that surround its coded pixels.

Both are ISO base media files (ISO/IEC 14496-12) with items (23008-12). The box `meta` names the
primary item and ties properties to it, of which `ispe` is the size and `colr` names the colours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.limits import UnusableImage, refuse_pixels
from dfd_tf.data.images.named_colours import profile_of

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_ANY_CODEC_BRANDS = {b"mif1", b"mif2", b"msf1", b"miaf"}
BRANDS = _AVIF_BRANDS | _HEIF_BRANDS | _ANY_CODEC_BRANDS


def is_avif(data: bytes) -> bool:
    """Whether a file says that it is an AVIF, by its main brand or the list of others."""
    brands = _brands(data)
    generic = brands[:1] and brands[0] in _ANY_CODEC_BRANDS
    return not _AVIF_BRANDS.isdisjoint(brands if generic else brands[:1])


def is_heif(data: bytes) -> bool:
    """Whether a file says that it is a HEIF of another kind, such as the HEIC of phones."""
    return bool(_brands(data)[:1]) and _brands(data)[0] in _HEIF_BRANDS | _ANY_CODEC_BRANDS


def parse_heif(data: bytes) -> ImageHeader:
    """Read the header of a file of which `is_heif` holds."""
    return _parse(data, "heif")


def parse_avif(data: bytes) -> ImageHeader:
    """Read the header of a file of which `is_avif` holds."""
    return _parse(data, "avif")


def _parse(data: bytes, format_: str) -> ImageHeader:
    name = format_.upper()
    properties = _primary_properties(data, name)
    sizes = [content for kind, content in properties if kind == b"ispe"]
    if not sizes:
        raise UnusableImage(f"damaged {name} (no size)")
    width, height = struct.unpack_from(">II", sizes[0], 4)
    profile = b""
    for kind, content in properties:
        if kind == b"colr" and content.startswith(b"nclx"):
            profile = profile_of(*struct.unpack_from(">HH", content, 4))
    return ImageHeader(format_, width, height, profile=profile)


def _brands(data: bytes) -> list[bytes]:
    """Main brand and compatible brands of a media file, empty for any other."""
    if data[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(data[:4]), len(data))
    return [data[8:12], *(data[i : i + 4] for i in range(16, end, 4))]


def _primary_properties(data: bytes, name: str) -> list[tuple[bytes, bytes]]:
    """Kinds and contents of the properties of the picture that a viewer shows."""
    content = dict(_boxes(data, name)).get(b"meta", b"")
    meta = dict(_boxes(content[4:], name))
    properties = dict(_boxes(meta.get(b"iprp", b""), name))
    listed = list(_boxes(properties.get(b"ipco", b""), name))
    for kind, size in listed:  # a tile or a thumbnail costs memory too
        if kind == b"ispe":
            refuse_pixels(*struct.unpack_from(">II", size, 4))
    if b"pitm" not in meta or b"ipma" not in properties:
        raise UnusableImage(f"damaged {name} (no picture)")
    item = int.from_bytes(meta[b"pitm"][4:])
    numbers = _associations(properties[b"ipma"]).get(item, [])
    return [listed[number - 1] for number in numbers if 0 < number <= len(listed)]


def _boxes(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each box."""
    position = 0
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:  # the size stands in eight bytes behind the kind
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        end = position + size if size else len(data)
        if end < start:
            raise UnusableImage(f"damaged {name}")
        if end > len(data):
            raise UnusableImage(f"truncated {name}")
        yield kind, data[start:end]
        position = end


def _associations(content: bytes) -> dict[int, list[int]]:
    """Numbers of the properties, from 1, of each item."""
    version, flags, n_items = struct.unpack_from(">B2xBI", content)
    found: dict[int, list[int]] = {}
    position = 8
    for _ in range(n_items):
        item, n = struct.unpack_from(">IB" if version else ">HB", content, position)
        position += 5 if version else 3
        wide = flags & 1
        numbers = struct.unpack_from(f">{n}{'H' if wide else 'B'}", content, position)
        position += n * (2 if wide else 1)
        # The highest bit says whether the property is essential.
        found[item] = [number & (0x7FFF if wide else 0x7F) for number in numbers]
    return found
