"""Numbers out of a file's bytes."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def number(raw: Any, start: Any, length: int, *, little: bool = False) -> Any:
    """Unsigned integer of `length` bytes from the (n,) uint8 vector `raw`, int64.

    Raises:
        tf.errors.InvalidArgumentError: when run, where the bytes end before it; whoever calls it
            has looked, or sits inside a dataset that ignores errors.
    """
    powers = [256**i for i in range(length)]
    weights = tf.constant(powers if little else powers[::-1], tf.int64)
    return tf.reduce_sum(tf.cast(raw[start : start + length], tf.int64) * weights)


def number_in(raw: Any, start: Any, length: int, little: Any) -> Any:
    """As `number`, in a byte order that is known only when the graph runs."""
    return tf.where(
        little, number(raw, start, length, little=True), number(raw, start, length, little=False)
    )


def equals(raw: Any, start: Any, expected: bytes) -> Any:
    """Whether `expected` stands at `start`; False where the bytes end before."""
    part = raw[start : start + len(expected)]
    wanted = tf.constant(list(expected), tf.uint8)
    missing = len(expected) - tf.size(part)
    return (missing == 0) & tf.reduce_all(tf.pad(part, [[0, missing]]) == wanted)


def starts_with(data: Any, *prefixes: bytes) -> Any:
    """Whether the scalar string begins with one of the prefixes."""
    found = tf.constant(False)
    for prefix in prefixes:
        found = found | (tf.strings.substr(data, 0, len(prefix)) == prefix)
    return found
