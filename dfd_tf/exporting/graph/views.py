"""The views of an image in a graph, see `dfd_tf.data.preprocess.Preprocessing`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.data.preprocess import OWN_SCALE, SIDE_VIEW, SMALLEST_SIDE, Preprocessing
from dfd_tf.exporting.graph.resize import resize


def too_small(image: Any) -> Any:
    """Why an image, shape (h, w, 3), is too small to be judged, or ""."""
    shape = tf.shape(image)
    reason = tf.constant("")
    if tf.minimum(shape[0], shape[1]) < SMALLEST_SIDE:
        height, width = tf.strings.as_string(shape[0]), tf.strings.as_string(shape[1])
        needed = f" pixels, at least {SMALLEST_SIDE} a side are needed"
        reason = tf.strings.join(["too small: ", width, "x", height, needed])
    return reason


def views_of(preprocessing: Preprocessing, image: Any) -> Any:
    """All views of a uint8 image, shape (views, size, size, 3)."""
    size = preprocessing.size
    if preprocessing.policy == "crop":
        image = resize(image, *_fitted_shape(preprocessing, image))
    shape = tf.shape(image)

    def cut(window: Any) -> Any:
        top, left, side = tf.unstack(window)
        square = image[top : top + side, left : left + side]
        return square if preprocessing.policy == "crop" else resize(square, size, size)

    windows = _windows(preprocessing, shape[0], shape[1])
    squares = tf.map_fn(tf.function(cut), windows, fn_output_signature=tf.uint8)
    return tf.ensure_shape(squares, [preprocessing.views, size, size, 3])


def _fitted_shape(preprocessing: Preprocessing, image: Any) -> Any:
    """Height and width of an image after `fit` under the policy "crop"."""
    shape = tf.shape(image)
    short = tf.minimum(shape[0], shape[1])
    native = preprocessing.native_side
    keeps = (tf.cast(short, tf.float64) >= OWN_SCALE * native) & (short < native)
    target = tf.maximum(tf.where(keeps, short, native), preprocessing.size)
    scale = tf.cast(target, tf.float64) / tf.cast(short, tf.float64)
    sides = tf.cast(tf.round(tf.cast(shape[:2], tf.float64) * scale), tf.int32)
    return tf.maximum(target, sides[0]), tf.maximum(target, sides[1])


def _windows(preprocessing: Preprocessing, height: Any, width: Any) -> Any:
    """Top, left and side of the squares, in the order of the engine: int32, (views, 3)."""
    short = tf.minimum(height, width)
    crop = preprocessing.policy == "crop"
    full = tf.constant(preprocessing.size) if crop else short
    aligned = preprocessing.aligned
    centre = (aligned((height - full) // 2), aligned((width - full) // 2), full)
    if preprocessing.views == 1:
        return tf.stack([centre])
    side = full if crop else _rounded_share(short)
    reach = (short - side) // 2
    steps = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    if preprocessing.views == 9:
        steps += [(-1, 0), (1, 0), (0, -1), (0, 1)]
    top, left = (height - side) // 2, (width - side) // 2
    corners = [(aligned(top + y * reach), aligned(left + x * reach), side) for y, x in steps]
    return tf.stack([centre, *corners])


def _rounded_share(short: Any) -> Any:
    return tf.cast(tf.round(SIDE_VIEW * tf.cast(short, tf.float64)), tf.int32)
