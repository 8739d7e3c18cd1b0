"""LCNN: convolutions whose activation is a contest of two halves, on cepstra of sound.

Lavrentyeva, Novoselov, Tseren, Volkova, Gorlanov, Kozlov: "STC Antispoofing Systems for the
ASVspoof2019 Challenge", Interspeech 2019, arXiv:1904.05576; the activation of Wu, He, Sun, Tan,
arXiv:1511.02683. Here mean and deviation over time stand for its dense layer on a fixed length.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.sounds import Features, features_of, samples_in, statistics

_PAPER = "Lavrentyeva et al., Interspeech 2019, arXiv:1904.05576"


@register(
    "lcnn",
    paper=_PAPER,
    input_size=64_000,
    cam_layer="conv9_max",
    parameters=158_209,
    takes="sound",
    tiny={"width": 8},
)
def lcnn(
    *,
    input_size: Size = 64_000,
    features: Features = "lfcc",
    width: Size = 32,
    dropout: Share = 0.5,
) -> keras.Model:
    """Build an LCNN.

    Args:
        input_size: samples at 16 kHz that are judged at once.
        features: what the network sees, see `models.sounds.features_of`.
        width: filters after the first contest; published with 32.
        dropout: share dropped before the logit.

    Returns:
        Model from (batch, input_size) samples in [-1, 1] to (batch, 1) logits.
    """
    samples = samples_in(input_size)
    x = _contest(features_of(samples, features), width, 5, "conv1")
    x = _halved(x, "pool1")
    x = _contest_in_two(x, width, 3 * width // 2, "conv2", "conv3")
    x = _norm(_halved(x, "pool2"), "pool2_norm")
    x = _contest_in_two(x, 3 * width // 2, 2 * width, "conv4", "conv5")
    x = _halved(x, "pool3")
    x = _contest_in_two(x, 2 * width, width, "conv6", "conv7")
    x = _norm(x, "conv7_norm")
    x = _contest_in_two(x, width, width, "conv8", "conv9")
    x = _halved(x, "pool4")
    x = layers.Dropout(dropout, name="dropout")(statistics(x))
    return keras.Model(samples, layers.Dense(1, dtype="float32", name="logit")(x), name="lcnn")


def _contest_in_two(x: Any, narrow: int, wide: int, first: str, second: str) -> Any:
    """At one place, then over its neighbourhood."""
    x = _norm(_contest(x, narrow, 1, first), f"{first}_norm")
    return _contest(x, wide, 3, second)


def _contest(x: Any, filters: int, kernel: int, name: str) -> Any:
    """Max-feature-map: of two filters the one that answers more."""
    x = layers.Conv2D(2 * filters, kernel, padding="same", name=name)(x)
    return layers.Maximum(name=f"{name}_max")(ops.split(x, 2, axis=-1))


def _halved(x: Any, name: str) -> Any:
    return layers.MaxPooling2D(2, name=name)(x)


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(name=name)(x)
