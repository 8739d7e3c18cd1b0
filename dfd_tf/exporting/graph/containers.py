"""Headers of PNG and WebP, see `dfd_tf.data.images.header`.

Each function takes the (n,) bytes of a file that begins as its format does, and returns a reason
("" if none), width, height and orientation. Where TensorFlow's decoders would give other pixels
than the engine, the file is refused by name rather than scored otherwise.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.data.images.named_colours import HDR, HDR_TRANSFERS, WIDE_PRIMARIES
from dfd_tf.exporting.graph.colour import OTHER_COLOURS, is_srgb
from dfd_tf.exporting.graph.exif import orientation_in
from dfd_tf.exporting.graph.raw import equals, number

ELSEWHERE = "is not supported by the exported model, save it as PNG"
_ANIMATED = 0x02
_LONGEST_NAME = 80  # of a profile in a PNG, with the zero at its end
# Compressed profiles of sRGB take up to 3 kB. What is longer may be a bomb, and is not unpacked.
_MOST_COMPRESSED = 16_000


def parse_png(raw: Any, data: Any) -> Any:
    """Walk over the chunks to the last, whose absence means a cut file."""
    end = tf.size(raw, tf.int64)
    width = height = tf.constant(0, tf.int64)
    position, orientation = tf.constant(8, tf.int64), tf.constant(1, tf.int64)
    reason, done = tf.constant(""), tf.constant(False)
    if end < 24:
        reason = tf.constant("truncated PNG")
    elif ~equals(raw, 12, b"IHDR"):
        reason = tf.constant("damaged PNG (no header)")
    else:
        width, height = number(raw, 16, 4), number(raw, 20, 4)
    while (reason == "") & ~done:
        length = tf.constant(0, tf.int64)
        if position + 8 <= end:
            length = number(raw, position, 4)
        after = position + 12 + length
        if (position + 8 > end) | (after > end):
            reason = tf.constant("truncated PNG")
        else:
            if equals(raw, position + 4, b"eXIf"):
                orientation = orientation_in(raw[position + 8 : after - 4])
            if equals(raw, position + 4, b"cICP") & (length == 4):
                reason = _named_colours(raw[position + 8], raw[position + 9])
            if equals(raw, position + 4, b"iCCP"):
                reason = _png_colours(raw, data, position + 8, after - 4)
            done = equals(raw, position + 4, b"IEND")
            position = after
    return reason, width, height, orientation


def _png_colours(raw: Any, data: Any, start: Any, end: Any) -> Any:
    """Why a profile, behind its name, a zero and the zero of its method, is refused, or ""."""
    reason = tf.constant(OTHER_COLOURS)
    name = raw[start : tf.minimum(start + _LONGEST_NAME, end)]
    packed = start + tf.argmax(name == 0, output_type=tf.int64) + 2
    if (end - packed > 0) & (end - packed <= _MOST_COMPRESSED):
        content = tf.strings.substr(data, packed, end - packed)
        if is_srgb(tf.io.decode_raw(tf.io.decode_compressed(content, "ZLIB"), tf.uint8)):
            reason = tf.constant("")
    return reason


def _named_colours(primaries: Any, transfer: Any) -> Any:
    """Why colours named by number are refused, or ""."""
    reason = tf.constant("")
    if tf.reduce_any(transfer == tf.constant(HDR_TRANSFERS, tf.uint8)):
        reason = tf.constant(HDR)
    elif tf.reduce_any(primaries == tf.constant(WIDE_PRIMARIES, tf.uint8)):
        reason = tf.constant(OTHER_COLOURS)
    return reason


def parse_webp(raw: Any) -> Any:
    """Walk over the chunks of the RIFF container."""
    end = tf.size(raw, tf.int64)
    reason, width, height = (
        tf.constant("truncated WebP"),
        tf.constant(0, tf.int64),
        tf.constant(0, tf.int64),
    )
    position, orientation = tf.constant(12, tf.int64), tf.constant(1, tf.int64)
    limit = tf.constant(0, tf.int64)
    if end >= 30:
        limit = number(raw, 4, 4, little=True) + 8
        reason, width, height = _webp_size(raw)
    if (reason == "") & (limit > end):
        reason = tf.constant("truncated WebP")
    while (reason == "") & (position + 8 <= limit):
        length = number(raw, position + 4, 4, little=True)
        if equals(raw, position, b"EXIF"):
            block = raw[position + 8 : tf.minimum(position + 8 + length, end)]
            if equals(block, 0, b"Exif\0\0"):
                block = block[6:]
            orientation = orientation_in(block)
        if equals(raw, position, b"ICCP"):
            profile = raw[position + 8 : tf.minimum(position + 8 + length, end)]
            if ~is_srgb(profile):
                reason = tf.constant(OTHER_COLOURS)
        position += 8 + length + length % 2
    return reason, width, height, orientation


def _webp_size(raw: Any) -> Any:
    reason = tf.constant("")
    width = height = tf.constant(0, tf.int64)
    if equals(raw, 12, b"VP8X"):
        width, height = 1 + number(raw, 24, 3, little=True), 1 + number(raw, 27, 3, little=True)
        if raw[20] & _ANIMATED != 0:
            reason = tf.constant(f"animated WebP {ELSEWHERE}")
    elif equals(raw, 12, b"VP8L"):
        bits = number(raw, 21, 4, little=True)
        width, height = 1 + bits % 2**14, 1 + bits // 2**14 % 2**14
    elif equals(raw, 12, b"VP8 "):
        width = number(raw, 26, 2, little=True) % 2**14
        height = number(raw, 28, 2, little=True) % 2**14
    else:
        reason = tf.constant("damaged WebP (no image chunk)")
    return reason, width, height
