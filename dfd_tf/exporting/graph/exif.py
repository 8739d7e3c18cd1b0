"""EXIF orientation, see `dfd_tf.data.images.header`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.exporting.graph.raw import equals, number_in

ORIENTATION_TAG, UNSIGNED_SHORT = 0x0112, 3
ENTRY = 12
HEADER = 8


def orientation_in(block: Any) -> Any:
    """Orientation 1 to 8 out of a TIFF-shaped block, uint8 of shape (n,).

    Returns:
        int64 scalar; 1 where the block is damaged or says nothing.
    """
    little = equals(block, 0, b"II")
    orientation = tf.constant(1, tf.int64)
    size = tf.size(block, tf.int64)
    if (little | equals(block, 0, b"MM")) & (size >= HEADER):
        directory = number_in(block, 4, 4, little)
        if directory + 2 <= size:
            n_stated = number_in(block, directory, 2, little)
            n_there = (size - directory - 2) // ENTRY
            entries = block[directory + 2 :][: ENTRY * tf.minimum(n_stated, n_there)]
            orientation = _orientation_among(tf.reshape(entries, [-1, ENTRY]), little)
    return orientation


def _orientation_among(entries: Any, little: Any) -> Any:
    """The value of the first orientation entry; entries of shape (n, 12)."""
    wide = tf.cast(entries, tf.int64)

    def field(start: int, length: int) -> Any:
        powers = tf.constant([256**i for i in range(length)], tf.int64)
        weights = tf.where(little, powers, powers[::-1])
        return tf.reduce_sum(wide[:, start : start + length] * weights, axis=1)

    named = (field(0, 2) == ORIENTATION_TAG) & (field(2, 2) == UNSIGNED_SHORT)
    found = tf.boolean_mask(field(8, 2), named & (field(4, 4) == 1))
    first = tf.concat([found, [1]], axis=0)[0]
    return tf.where((first >= 1) & (first <= 8), first, 1)
