"""What a file says about itself before a decoder sees it, see `dfd_tf.data.images.recognise`."""

from __future__ import annotations

from typing import Any, NamedTuple

import tensorflow as tf

from dfd_tf.data.images.foreign import FOREIGN
from dfd_tf.data.images.heif_header import BRANDS
from dfd_tf.data.images.limits import MAX_BYTES, MAX_PIXELS
from dfd_tf.exporting.graph.containers import ELSEWHERE, parse_png, parse_webp
from dfd_tf.exporting.graph.jpeg import parse_jpeg
from dfd_tf.exporting.graph.raw import starts_with

_HEIF_BRANDS = tuple(b"ftyp" + brand for brand in sorted(BRANDS))
_PRINTABLE = r"[ !#-&(-\[\]-~]*"  # without quotes and backslashes, which Python would escape
_SHOWN = 8
_LONGEST_MARK = 32


class Header(NamedTuple):
    """Scalars.

    Attributes:
        reason: why the file cannot be judged, or "".
        kind: "JPEG", "PNG", "WebP", "BMP", "GIF" or "".
        orientation: EXIF orientation, 1 to 8, int64.
    """

    reason: Any
    kind: Any
    orientation: Any


def kind_of(data: Any) -> Any:
    """Format by the first bytes, "" for a foreign file; data is a scalar string."""
    is_webp = starts_with(data, b"RIFF") & (tf.strings.substr(_padded(data), 8, 4) == b"WEBP")
    kind = tf.where(is_webp, "WebP", "")
    for name, magic in (
        ("JPEG", [b"\xff\xd8\xff"]),
        ("PNG", [b"\x89PNG\r\n\x1a\n"]),
        ("GIF", [b"GIF87a", b"GIF89a"]),
        ("BMP", [b"BM"]),
    ):
        kind = tf.where(starts_with(data, *magic), name, kind)
    return kind


def read_header(data: Any) -> Header:
    """Parse the headers of one file, a scalar string."""
    kind = kind_of(data)
    orientation = tf.constant(1, tf.int64)
    size = tf.strings.length(data)
    reason = tf.constant("")
    if size == 0:
        reason = tf.constant("empty file")
    elif size > MAX_BYTES:
        megabytes = tf.strings.as_string(tf.cast(size, tf.float64) / 1e6, precision=1)
        reason = tf.strings.join(
            ["too large: ", megabytes, f" MB, the limit is {MAX_BYTES // 10**6}"]
        )
    elif kind == "":
        reason = _name_foreign(data)
    else:
        reason, width, height, orientation = _parse(kind, data)
        if reason == "":
            reason = _refuse_size(kind, width, height)
    return Header(reason, kind, orientation)


def _parse(kind: Any, data: Any) -> Any:
    raw = tf.io.decode_raw(data, tf.uint8)
    if kind == "JPEG":
        parsed = parse_jpeg(raw)
    elif kind == "PNG":
        parsed = parse_png(raw, data)
    elif kind == "WebP":
        parsed = parse_webp(raw)
    else:
        nothing = tf.constant(0, tf.int64)
        reason = tf.strings.join([kind, " ", ELSEWHERE])
        parsed = reason, nothing, nothing, tf.constant(1, tf.int64)
    return parsed


def _refuse_size(kind: Any, width: Any, height: Any) -> Any:
    reason = tf.constant("")
    if tf.minimum(width, height) < 1:
        reason = tf.strings.join(["damaged ", kind, " (no pixels)"])
    elif width * height > MAX_PIXELS:
        pixels = tf.cast(width, tf.float64) * tf.cast(height, tf.float64)
        megapixels = tf.strings.as_string(pixels / 1e6, precision=1)
        limit = f" megapixels, the limit is {MAX_PIXELS // 10**6}"
        reason = tf.strings.join(["too large: ", megapixels, limit])
    return reason


def _name_foreign(data: Any) -> Any:
    reason = tf.strings.join(["not an image (starts with ", _shown(data), ")"])
    for kind in reversed(FOREIGN):
        marked = starts_with(
            tf.strings.substr(_padded(data), kind.offset, _LONGEST_MARK), *kind.marks
        )
        reason = tf.where(marked, kind.reason, reason)
    brand = tf.strings.substr(_padded(data), 4, 8)
    heif = tf.reduce_any(brand == tf.constant(_HEIF_BRANDS))
    return tf.where(heif, f"HEIF or AVIF {ELSEWHERE}", reason)


def _shown(data: Any) -> Any:
    """The first bytes, quoted where they are plain text, else as hexadecimal digits."""
    start = tf.strings.substr(data, 0, _SHOWN)
    raw = tf.cast(tf.io.decode_raw(start, tf.uint8), tf.int32)
    digits = tf.constant(list("0123456789abcdef"))
    pairs = tf.gather(digits, tf.stack([raw // 16, raw % 16], axis=1))
    quoted = tf.strings.join(["'", start, "'"])
    plain = tf.strings.regex_full_match(start, _PRINTABLE)
    return tf.where(plain, quoted, tf.strings.reduce_join(pairs))


def _padded(data: Any) -> Any:
    """With a few bytes more, so that a place in a short file can be looked at."""
    return tf.strings.join([data, b"\0" * (2 * _LONGEST_MARK)])
