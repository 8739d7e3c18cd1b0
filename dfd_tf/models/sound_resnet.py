"""A small residual network on the spectrum of sound.

He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385,
in the sizes of the field (Alzantot, Wang, Srivastava, Interspeech 2019, arXiv:1907.00501).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.sounds import Features, features_of, samples_in, statistics


@register(
    "sound_resnet",
    paper="He et al., CVPR 2016, arXiv:1512.03385",
    input_size=64_000,
    cam_layer="block4_relu",
    parameters=222_833,
    takes="sound",
    tiny={"widths": (4, 4, 8, 8)},
)
def sound_resnet(
    *,
    input_size: Size = 64_000,
    features: Features = "log_mel",
    widths: Sequence[Size] = (16, 32, 64, 96),
    dropout: Share = 0.3,
) -> keras.Model:
    """Build a residual network of one block a scale.

    Args:
        input_size: samples at 16 kHz that are judged at once.
        features: what the network sees, see `models.sounds.features_of`.
        widths: maps of each block; every block but the first halves time and features.
        dropout: share dropped before the logit.

    Returns:
        Model from (batch, input_size) samples in [-1, 1] to (batch, 1) logits.
    """
    samples = samples_in(input_size)
    x = _conv(features_of(samples, features), widths[0], 2, "stem")
    x = layers.ReLU(name="stem_relu")(x)
    for number, width in enumerate(widths, start=1):
        x = _block(x, width, 2 if number > 1 else 1, f"block{number}")
    x = layers.Dropout(dropout, name="dropout")(statistics(x))
    logit = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(samples, logit, name="sound_resnet")


def _block(x: Any, width: int, stride: int, name: str) -> Any:
    shortcut = x
    if stride > 1 or x.shape[-1] != width:
        shortcut = _conv(x, width, stride, f"{name}_shortcut", kernel=1)
    x = layers.ReLU(name=f"{name}_conv1_relu")(_conv(x, width, stride, f"{name}_conv1"))
    x = layers.Add(name=f"{name}_add")([_conv(x, width, 1, f"{name}_conv2"), shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


def _conv(x: Any, width: int, stride: int, name: str, kernel: int = 3) -> Any:
    """Convolution without bias, and batch normalisation."""
    x = layers.Conv2D(width, kernel, stride, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)
