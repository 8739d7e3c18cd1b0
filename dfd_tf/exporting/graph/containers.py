"""Headers of PNG, WebP, GIF and BMP, see `dfd_tf.data.images.header`.

Each function takes the (n,) bytes of a file that begins as its format does, and returns a reason
("" if none), width, height and orientation. TensorFlow's decoders give other pixels than the engine
for a few rare kinds; those are refused by name rather than scored otherwise.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.exporting.graph.exif import orientation_in
from dfd_tf.exporting.graph.raw import equals, number

ELSEWHERE = "is not supported by the exported model, save it as PNG"
_ANIMATED = 0x02
_TRANSPARENT = 0x01
_GIF_EXTENSION, _GIF_IMAGE, _GIF_CONTROL = 0x21, 0x2C, 0xF9


def parse_png(raw: Any) -> Any:
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
            done = equals(raw, position + 4, b"IEND")
            position = after
    return reason, width, height, orientation


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


def parse_bmp(raw: Any) -> Any:
    """Only true colour without compression; TensorFlow does not know palettes."""
    reason = tf.constant("truncated BMP")
    width = height = tf.constant(0, tf.int64)
    if tf.size(raw) >= 34:
        reason = tf.constant("")
        width, height = number(raw, 18, 4, little=True), number(raw, 22, 4, little=True)
        height = tf.minimum(height, 2**32 - height)  # a negative height means rows from the top
        depth, packing = number(raw, 28, 2, little=True), number(raw, 30, 4, little=True)
        is_known = (number(raw, 14, 4, little=True) >= 40) & (packing == 0)
        if ~(is_known & ((depth == 24) | (depth == 32))):
            reason = tf.constant(f"BMP other than 24 or 32 bits {ELSEWHERE}")
    return reason, width, height, tf.constant(1, tf.int64)


def parse_gif(raw: Any) -> Any:
    """Walk to the first frame; it must be opaque and fill the screen."""
    end = tf.size(raw, tf.int64)
    reason, done = tf.constant(""), tf.constant(False)
    width = height = tf.constant(0, tf.int64)
    position = tf.constant(13, tf.int64)
    if end < 13:
        reason = tf.constant("truncated GIF")
    else:
        width, height = number(raw, 6, 2, little=True), number(raw, 8, 2, little=True)
        if raw[10] >= 0x80:
            position += 3 * 2 ** (tf.cast(raw[10] % 8, tf.int64) + 1)
    while (reason == "") & ~done:
        if position + 10 > end:
            reason = tf.constant("truncated GIF")
        elif raw[position] == _GIF_IMAGE:
            done = tf.constant(True)
            fills = (number(raw, position + 5, 2, little=True) == width) & (
                number(raw, position + 7, 2, little=True) == height
            )
            if ~fills:
                reason = tf.constant(f"GIF whose first frame is no full picture {ELSEWHERE}")
        elif raw[position] != _GIF_EXTENSION:
            reason = tf.constant("damaged GIF")
        else:
            is_control = raw[position + 1] == _GIF_CONTROL
            if is_control & (raw[position + 3] & _TRANSPARENT != 0):
                reason = tf.constant(f"transparent GIF {ELSEWHERE}")
            position += 2
            while (position < end) & (raw[tf.minimum(position, end - 1)] != 0):
                position += 1 + tf.cast(raw[position], tf.int64)
            position += 1
    return reason, width, height, tf.constant(1, tf.int64)
