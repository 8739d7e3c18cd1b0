"""Inverted residuals, of which the networks for phones are made: widen, look around, narrow.

Sandler, Howard, Zhu, Zhmoginov, Chen: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
CVPR 2018, arXiv:1801.04381. The wide maps pass a depthwise convolution and ReLU6; what is handed
on, and added to, is narrow and linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import keras
from keras import layers
from pydantic import Field

from dfd_tf.layers import CBAM
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Size

STEM, FEATURES = 32, 1280
Depths = Annotated[Sequence[Size], Field(min_length=7, max_length=7)]  # blocks of each stage


@dataclass(frozen=True)
class Stage:
    """A row of equal blocks.

    Attributes:
        filters: channels that each block hands on.
        stride: of the first of them.
        kernel: side of the depthwise kernels.
        expansion: how many times wider a block is inside.
    """

    filters: int
    stride: int
    kernel: int = 3
    expansion: int = 6


@dataclass(frozen=True)
class Style:
    """Where the published weights of such networks differ.

    Attributes:
        epsilon: of the batch normalisation.
        momentum: of its moving statistics.
        centred: strided windows lie around even pixels, as in PyTorch; else they lie as
            TensorFlow's padding `same` puts them, which depends on the size of the maps.
    """

    epsilon: float
    momentum: float
    centred: bool


def detector(
    name: str,
    pixels: Any,
    normalised: Any,
    stages: Sequence[Stage],
    blocks: Sequence[int],
    style: Style,
    dropout: float,
    cbam: bool,
) -> keras.Model:
    """The whole network from normalised pixels to one logit, a 32nd of the side at its end.

    `blocks` says how many each stage has.
    Attention comes after the last convolution, so that none of the pretrained layers sees its
    untrained gates.
    """
    x = _conv(normalised, STEM, 3, "stem", style, stride=2)
    number = 0
    for stage, depth in zip(stages, blocks, strict=True):
        for stride in (stage.stride, *[1] * (depth - 1)):
            number += 1
            x = _block(x, stage, stride, f"block{number}", style)
    x = _conv(x, FEATURES, 1, "features", style)
    if cbam:
        x = CBAM(name="cbam")(x)
    return keras.Model(pixels, imagenet.head(x, dropout), name=name)


def _block(x: Any, stage: Stage, stride: int, name: str, style: Style) -> Any:
    shortcut = x
    if stage.expansion > 1:
        x = _conv(x, x.shape[-1] * stage.expansion, 1, f"{name}_expand", style)
    x = _depthwise(x, stage.kernel, f"{name}_depthwise", style, stride)
    x = _conv(x, stage.filters, 1, f"{name}_project", style, relu=False)
    if stride > 1 or shortcut.shape[-1] != stage.filters:
        return x
    return layers.Add(name=f"{name}_add")([x, shortcut])


def _conv(
    x: Any, filters: int, kernel: int, name: str, style: Style, stride: int = 1, relu: bool = True
) -> Any:
    x, padding = _padded(x, kernel, stride, name, style)
    x = layers.Conv2D(
        filters,
        kernel,
        stride,
        padding,
        use_bias=False,
        # What ReLU halves, its kernel doubles; narrow maps are linear.
        kernel_initializer="he_normal" if relu else "lecun_normal",
        name=name,
    )(x)
    return _norm(x, name, style, relu)


def _depthwise(x: Any, kernel: int, name: str, style: Style, stride: int) -> Any:
    x, padding = _padded(x, kernel, stride, name, style)
    x = layers.DepthwiseConv2D(
        kernel,
        stride,
        padding,
        use_bias=False,
        # A depthwise kernel reads as many numbers as Keras counts outputs.
        depthwise_initializer=keras.initializers.VarianceScaling(2.0, "fan_out"),
        name=name,
    )(x)
    return _norm(x, name, style, relu=True)


def _padded(x: Any, kernel: int, stride: int, name: str, style: Style) -> tuple[Any, str]:
    if stride == 1 or not style.centred:
        return x, "same"
    return layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x), "valid"


def _norm(x: Any, name: str, style: Style, relu: bool) -> Any:
    x = layers.BatchNormalization(
        momentum=style.momentum, epsilon=style.epsilon, name=f"{name}_norm"
    )(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x
