"""What the networks of sound share: their input, what they see of it, and its statistics."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers, ops

from dfd_tf.layers import Cepstra, LogBands, Standardised

Features = Literal["lfcc", "log_mel", "log_linear"]


def samples_in(input_size: int) -> Any:
    """Input of samples at 16 kHz in [-1, 1], (batch, input_size)."""
    return keras.Input((input_size,), name="samples")


def features_of(samples: Any, kind: Features) -> Any:
    """A spectrum every 10 ms, (batch, windows, features, 1), without what it has at all times.

    "lfcc" are 20 cepstral coefficients of 70 linear bands with their slopes, "log_mel" the
    logarithms of 64 mel bands, "log_linear" those of 70 linear ones.
    """
    bands, scale = (64, "mel") if kind == "log_mel" else (70, "linear")
    x = LogBands(bands, scale, name="log_bands")(samples)
    if kind == "lfcc":
        x = Cepstra(20, name="cepstra")(x)
    x = Standardised(divide=kind == "lfcc", name="standardised")(x)
    return layers.Reshape((*x.shape[1:], 1), name="spectrum")(x)


def statistics(x: Any) -> Any:
    """Mean and deviation over time of (batch, time, features, maps), at each feature."""
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]), name="in_time")(x)
    mean = ops.mean(x, axis=1, keepdims=True)
    deviation = ops.sqrt(ops.mean(ops.square(x - mean), axis=1) + 1e-5)
    return layers.Concatenate(name="statistics")([mean[:, 0], deviation])
