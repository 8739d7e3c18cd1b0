"""Meso4 and MesoInception4, the small networks of the face-forgery field.

Afchar, Nozick, Yamagishi, Echizen: "MesoNet: a Compact Facial Video Forgery Detection Network",
WIFS 2018, arXiv:1809.00888. Order inside a stage: convolution, ReLU, batch normalisation, pooling.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register

_PAPER = "Afchar et al., WIFS 2018, arXiv:1809.00888"


@register("meso4", paper=_PAPER, input_size=256, cam_layer="conv4", parameters=27_977)
def meso4(*, input_size: Size = 256, dropout: Share = 0.5) -> keras.Model:
    """Build Meso4.

    Args:
        input_size: side of the square input in pixels; published for 256.
        dropout: share dropped before each of the two dense layers.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels, x = _start(input_size)
    x = _stage(x, 8, 3, "conv1", 2)  # 256 -> 128
    x = _stage(x, 8, 5, "conv2", 2)
    x = _stage(x, 16, 5, "conv3", 2)
    x = _stage(x, 16, 5, "conv4", 4)  # 32 -> 8
    return keras.Model(pixels, _head(x, dropout), name="meso4")


@register("mesoinception4", paper=_PAPER, input_size=256, cam_layer="conv4", parameters=28_615)
def mesoinception4(*, input_size: Size = 256, dropout: Share = 0.5) -> keras.Model:
    """Build MesoInception4: Meso4 whose first two stages look at four scales.

    Args:
        input_size: side of the square input in pixels; published for 256.
        dropout: share dropped before each of the two dense layers.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels, x = _start(input_size)
    x = _inception(x, (1, 4, 4, 2), "inception1")  # 256 -> 128
    x = _inception(x, (2, 4, 4, 2), "inception2")
    x = _stage(x, 16, 5, "conv3", 2)
    x = _stage(x, 16, 5, "conv4", 4)  # 32 -> 8
    return keras.Model(pixels, _head(x, dropout), name="mesoinception4")


def _start(input_size: int) -> tuple[Any, Any]:
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    return pixels, layers.Rescaling(1 / 255, dtype="float32", name="normalise")(pixels)


def _conv(x: Any, filters: int, kernel: int, name: str, dilation: int = 1) -> Any:
    return layers.Conv2D(
        filters, kernel, padding="same", dilation_rate=dilation, activation="relu", name=name
    )(x)


def _stage(x: Any, filters: int, kernel: int, name: str, pool: int) -> Any:
    return _settle(_conv(x, filters, kernel, name), name, pool)


def _inception(x: Any, widths: tuple[int, int, int, int], name: str) -> Any:
    branches = [_conv(x, widths[0], 1, f"{name}_a")]
    for dilation, (letter, width) in enumerate(zip("bcd", widths[1:], strict=True), start=1):
        narrow = _conv(x, width, 1, f"{name}_{letter}_narrow")
        branches.append(_conv(narrow, width, 3, f"{name}_{letter}", dilation))
    return _settle(layers.Concatenate(name=name)(branches), name, pool=2)


def _settle(x: Any, name: str, pool: int) -> Any:
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.MaxPooling2D(pool, padding="same", name=f"{name}_pool")(x)


def _head(x: Any, dropout: float) -> Any:
    x = layers.Flatten(name="flatten")(x)  # (batch, 1024) at 256 pixels
    x = layers.Dropout(dropout, name="flatten_dropout")(x)
    x = layers.Dense(16, name="fc")(x)
    x = layers.LeakyReLU(0.1, name="fc_relu")(x)
    x = layers.Dropout(dropout, name="fc_dropout")(x)
    return layers.Dense(1, dtype="float32", name="logit")(x)
