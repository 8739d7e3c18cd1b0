"""Whether a colour profile is sRGB, see `dfd_tf.data.images.colour`.

The engine converts pictures of other colours, a graph cannot: it refuses them. A matrix profile is
told by its primaries and its curves; what only littleCMS could read counts as another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from dfd_tf.exporting.graph.raw import equals, number

OTHER_COLOURS = "colour profile other than sRGB: convert to sRGB, the exported model cannot"

_HEADER, _ENTRY, _MOST_TAGS = 128, 12, 100
_PRIMARIES = (b"rXYZ", b"gXYZ", b"bXYZ")
# Columns: red, green and blue light of sRGB in XYZ under D50.
_SRGB = [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_TABLES = (b"A2B0", b"A2B1", b"A2B2")  # which go before primaries and curves
# How much light of one primary may stray into another: 1.6 grey levels in the darkest colours.
_STRAY = 5e-4
# Of the light: two thirds of a grey level in the darkest colours, half a level in the lightest.
_SAME_LIGHT, _SAME_SHARE = 2e-4, 4e-3
_FORMULA = 3  # number of the formula with a linear start, which sRGB has
_LEVELS = np.linspace(0, 1, 64)
_LIGHT = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)


def is_srgb(profile: Any) -> Any:
    """Whether an ICC profile, uint8 of shape (n,), leaves the pixels as they are."""
    same = tf.constant(False)
    size = tf.size(profile, tf.int64)
    if (size > _HEADER + 4) & equals(profile, 16, b"RGB XYZ "):
        n_tags = number(profile, _HEADER, 4)
        end = _HEADER + 4 + _ENTRY * n_tags
        if (n_tags <= _MOST_TAGS) & (end <= size):
            entries = tf.reshape(profile[_HEADER + 4 : end], [-1, _ENTRY])
            same = _has_srgb_tags(profile, entries)
    return same


def _has_srgb_tags(profile: Any, entries: Any) -> Any:
    same = _are_primaries(tf.stack([_point(_tag(profile, entries, n)) for n in _PRIMARIES], axis=1))
    for name in _CURVES:
        same = same & _is_curve(_tag(profile, entries, name))
    for name in _TABLES:
        same = same & (tf.size(_tag(profile, entries, name)) == 0)
    return same


def _tag(profile: Any, entries: Any, name: bytes) -> Any:
    """Content of a tag, empty where there is none; entries of shape (tags, 12)."""
    named = tf.reduce_all(entries[:, :4] == tf.constant(list(name), tf.uint8), axis=1)
    # One entry of zeros more, for a tag that is absent: nothing, from the start.
    found = tf.concat([tf.boolean_mask(entries, named), tf.zeros([1, _ENTRY], tf.uint8)], axis=0)[0]
    start = number(found, 4, 4)
    return profile[start : start + number(found, 8, 4)]


def _are_primaries(columns: Any) -> Any:
    """Whether XYZ of red, green and blue, the columns of (3, 3), are those of sRGB."""
    in_srgb = tf.constant(np.linalg.inv(_SRGB)) @ columns
    return tf.reduce_max(tf.abs(in_srgb - tf.eye(3, dtype=tf.float64))) <= _STRAY


def _point(tag: Any) -> Any:
    """XYZ out of a tag, float64 of shape (3,); zeros where it holds none."""
    point = tf.zeros([3], tf.float64)
    if equals(tag, 0, b"XYZ ") & (tf.size(tag) >= 20):
        point = _fixed_points(tag, 8, 3)
    return point


def _is_curve(tag: Any) -> Any:
    light = tf.zeros([len(_LEVELS)], tf.float64)
    if equals(tag, 0, b"para") & (tf.size(tag) >= 32):
        if number(tag, 8, 2) == _FORMULA:
            light = _by_formula(_fixed_points(tag, 12, 5))
    elif equals(tag, 0, b"curv") & (tf.size(tag) > 12 + 4):
        n = number(tag, 8, 4)
        if (n > 1) & (12 + 2 * n <= tf.size(tag, tf.int64)):
            samples = tf.cast(tf.reshape(tag[12 : 12 + 2 * n], [-1, 2]), tf.float64)
            light = _by_table((samples[:, 0] * 256 + samples[:, 1]) / 65535)
    return tf.reduce_all(tf.abs(light - _LIGHT) <= _SAME_LIGHT + _SAME_SHARE * _LIGHT)


def _by_formula(numbers: Any) -> Any:
    gamma, a, b, c, start = tf.unstack(numbers, num=5)
    power = tf.pow(tf.maximum(a * _LEVELS + b, 0), gamma)
    return tf.where(start <= _LEVELS, power, c * _LEVELS)


def _by_table(samples: Any) -> Any:
    """Between two samples on a straight line."""
    places = _LEVELS * tf.cast(tf.size(samples) - 1, tf.float64)
    left = tf.minimum(tf.cast(places, tf.int32), tf.size(samples) - 2)
    share = places - tf.cast(left, tf.float64)
    return tf.gather(samples, left) * (1 - share) + tf.gather(samples, left + 1) * share


def _fixed_points(tag: Any, start: int, n: int) -> Any:
    """Signed numbers of 16 bits before and 16 behind the point, float64 of shape (n,)."""
    wide = tf.cast(tf.reshape(tag[start : start + 4 * n], [n, 4]), tf.int64)
    whole = tf.reduce_sum(wide * tf.constant([2**24, 2**16, 2**8, 1], tf.int64), axis=1)
    signed = tf.where(whole >= 2**31, whole - 2**32, whole)
    return tf.cast(signed, tf.float64) / 65536
