"""The one resize filter in a graph: OpenCV's area averages and cubic enlarging, with its rounding.

TensorFlow's own resize methods are other filters, and the resize filter is itself a trace. The area
average is repeated in OpenCV's order and precision (float32, columns, then rows) and gives the same
bytes; the cubic filter is computed in float64 and differs where a value lies within float32 noise
of a half: below ten in a million by one grey level.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

NEGLIGIBLE = 1e-3  # of a pixel: OpenCV drops a partly covered pixel below it
SHARPNESS = -0.75  # of the cubic kernel


def resize(image: Any, height: Any, width: Any) -> Any:
    """Resize uint8 pixels, shape (h, w, 3), as `dfd_tf.data.preprocess` does.

    Args:
        image: the pixels.
        height: int32 scalar.
        width: int32 scalar; both sides shrink, or neither does.
    """
    shape = tf.shape(image)
    if (shape[0] == height) & (shape[1] == width):
        resized = image
    elif height >= shape[0]:
        resized = _cubic(image, height, width)
    elif (shape[0] % height == 0) & (shape[1] % width == 0):
        resized = _block_means(image, height, width)
    else:
        resized = _area(image, height, width)
    return resized


def _to_bytes(values: Any) -> Any:
    """Nearest whole number, halves to even."""
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)


def _block_means(image: Any, height: Any, width: Any) -> Any:
    """Whole blocks of pixels: exact sums; halves go up in blocks of 2 x 2, else to even."""
    shape = tf.shape(image)
    rows, columns = shape[0] // height, shape[1] // width
    blocks = tf.reshape(image, [height, rows, width, columns, 3])
    sums = tf.reduce_sum(tf.cast(blocks, tf.int32), axis=[1, 3])
    if (rows == 2) & (columns == 2):
        means = tf.cast((sums + 2) // 4, tf.uint8)
    else:
        means = _to_bytes(tf.cast(sums, tf.float32) * (1 / tf.cast(rows * columns, tf.float32)))
    return means


def _area(image: Any, height: Any, width: Any) -> Any:
    shape = tf.shape(image)
    at, weights = _area_taps(shape[1], width)
    columns = _weighted(image, at, weights[:, None, :, None], axis=1)  # (h, width, 3)
    at, weights = _area_taps(shape[0], height)
    return _to_bytes(_weighted(columns, at, weights[:, :, None, None], axis=0))


def _weighted(image: Any, at: Any, weights: Any, axis: int) -> Any:
    """Sum of weight times pixel over the taps, one tap after the other in float32.

    Args:
        image: shape (h, w, 3).
        at: (taps, n) places along `axis`.
        weights: (taps, n) with ones where the other axes are.
        axis: 0 or 1.
    """
    total = tf.cast(tf.gather(image, at[0], axis=axis), tf.float32) * weights[0]
    tap = tf.constant(1)
    while tap < tf.shape(at)[0]:
        tf.autograph.experimental.set_loop_options(
            shape_invariants=[(total, tf.TensorShape([None, None, 3]))]
        )
        total += tf.cast(tf.gather(image, at[tap], axis=axis), tf.float32) * weights[tap]
        tap += 1
    return total


def _area_taps(old: Any, new: Any) -> Any:
    """Source places and weights of each target pixel along one axis.

    Returns:
        int32 and float32, both (taps, new); places outside what a target pixel covers weigh 0.
    """
    size = tf.cast(old, tf.float64)
    scale = 1 / (tf.cast(new, tf.float64) / size)
    left = tf.range(tf.cast(new, tf.float64), dtype=tf.float64) * scale
    right = left + scale
    covered = tf.minimum(scale, size - left)
    last = tf.minimum(tf.floor(right), size - 1)
    first = tf.minimum(tf.math.ceil(left), last)
    n_taps = tf.cast(tf.reduce_max(last - first), tf.int32) + 2
    places = first - 1 + tf.cast(tf.range(n_taps), tf.float64)[:, None]
    head = tf.where(first - left > NEGLIGIBLE, (first - left) / covered, 0)
    tail = tf.minimum(tf.minimum(right - last, 1), covered)
    tail = tf.where(right - last > NEGLIGIBLE, tail / covered, 0)
    weights = tf.where(places < last, 1 / covered, tf.where(places == last, tail, 0))
    weights = tf.where(places < first, head, weights)
    places = tf.clip_by_value(places, 0, size - 1)
    return tf.cast(places, tf.int32), tf.cast(weights, tf.float32)


def _cubic(image: Any, height: Any, width: Any) -> Any:
    shape = tf.shape(image)
    pixels = tf.cast(image, tf.float64)
    at, weights = _cubic_taps(shape[1], width)
    pixels = tf.reduce_sum(tf.gather(pixels, at, axis=1) * weights[None, ..., None], axis=1)
    at, weights = _cubic_taps(shape[0], height)
    pixels = tf.reduce_sum(tf.gather(pixels, at, axis=0) * weights[..., None, None], axis=0)
    return _to_bytes(pixels)


def _cubic_taps(old: Any, new: Any) -> Any:
    """Four source places and weights of each target pixel: int32 and float64, (4, new)."""
    scale = 1 / (tf.cast(new, tf.float64) / tf.cast(old, tf.float64))
    centre = (tf.range(tf.cast(new, tf.float64), dtype=tf.float64) + 0.5) * scale - 0.5
    whole = tf.floor(centre)
    x, a = centre - whole, SHARPNESS
    outer = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    inner = ((a + 2) * x - (a + 3)) * x * x + 1
    mirrored = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    weights = tf.stack([outer, inner, mirrored, 1 - outer - inner - mirrored])
    places = tf.cast(whole, tf.int32) + tf.range(-1, 3)[:, None]
    return tf.clip_by_value(places, 0, old - 1), weights
