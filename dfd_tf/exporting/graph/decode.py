"""Bytes to upright RGB pixels in a graph: `dfd_tf.data.images.decode`, with the same numbers.

JPEG goes through the exact integer DCT. The decoders raise on damaged bytes; whoever calls
`decode` does so inside a dataset that ignores errors. One kind of damage TensorFlow cannot tell: a
JPEG that was cut short and then given an end marker is grey below the cut, where the engine refuses
it. A JPEG without an end marker, which the engine reads, is refused here.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def decode(data: Any, kind: Any, orientation: Any) -> Any:
    """Decode a file whose header was accepted: uint8, shape (height, width, 3)."""
    pixels = tf.zeros([0, 0, 3], tf.uint8)
    if kind == "JPEG":
        pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    elif kind == "PNG":
        pixels = _decode_png(data)
    else:
        frame = tf.io.decode_webp(data, channels=0)[0]
        pixels = _over_white(frame) if tf.shape(frame)[-1] == 4 else frame
    return _upright(tf.ensure_shape(pixels, [None, None, 3]), orientation)


def _decode_png(data: Any) -> Any:
    """Below 8 bits TensorFlow fills a missing alpha channel with their maximum, not with 255."""
    rgba = tf.io.decode_png(data, channels=4)
    depth = tf.io.decode_raw(tf.strings.substr(data, 24, 1), tf.uint8)[0]
    filler = tf.bitwise.left_shift(tf.constant(1, tf.uint8), depth) - 1
    filled = (depth < 8) & tf.reduce_all(rgba[..., 3] == filler)
    return rgba[..., :3] if filled else _over_white(rgba)


def _over_white(rgba: Any) -> Any:
    """Alpha compositing over opaque white in the fixed-point arithmetic of Pillow, 7 extra bits."""
    wide = tf.cast(rgba, tf.int32)
    alpha = wide[..., 3:]
    mixed = (wide[..., :3] * alpha + 255 * (255 - alpha)) * 128 + 128 * 128
    return tf.cast((mixed // 256 + mixed) // 256 // 128, tf.uint8)


def _upright(pixels: Any, orientation: Any) -> Any:
    if orientation >= 5:
        pixels = tf.transpose(pixels, [1, 0, 2])
    if tf.reduce_any(orientation == tf.constant([3, 4, 7, 8], tf.int64)):
        pixels = pixels[::-1]
    if tf.reduce_any(orientation == tf.constant([2, 3, 6, 7], tf.int64)):
        pixels = pixels[:, ::-1]
    return pixels
