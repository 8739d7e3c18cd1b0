"""What the networks of the ImageNet family share: normalisation, stem, convolution, head.

Padding is explicit wherever a stride is 2: Keras' `same` pads such windows at the bottom and right
only, the published networks on all sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import layers

Stem = Literal["imagenet", "full_resolution"]

_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_HE_FAN_OUT = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")


def normalise(
    pixels: Any, means: Sequence[float] = _MEAN, deviations: Sequence[float] = _DEVIATION
) -> Any:
    """Bring RGB pixels in [0, 255] to mean 0 and deviation 1 per channel, by default ImageNet's."""
    scale = [1 / (255 * deviation) for deviation in deviations]
    offset = [-mean / deviation for mean, deviation in zip(means, deviations, strict=True)]
    return layers.Rescaling(scale, offset, dtype="float32", name="normalise")(pixels)


def stem(pixels: Any, kind: Stem) -> Any:
    """Normalise, convolve to 64 channels, pool; a quarter of the side, or all of it.

    `full_resolution` takes both strides away and none of the weights: the traces of a generator
    are in the finest detail, which the strides discard (Gragnaniello et al. 2021,
    arXiv:2104.02617). It costs about fifteen times as much.
    """
    stride = {"imagenet": 2, "full_resolution": 1}[kind]
    x = conv(normalise(pixels), 64, 7, "conv1", stride)
    x = relu(norm(x, "conv1_norm"), "conv1_relu")
    # The maps are not negative, so zeros at the border never win.
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, stride, name="pool1")(x)


def conv(
    x: Any,
    filters: int,
    kernel: int,
    name: str,
    stride: int = 1,
    initializer: Any = _HE_FAN_OUT,
) -> Any:
    """Convolve without bias, padded by half the kernel on all sides."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters, kernel, stride, use_bias=False, kernel_initializer=initializer, name=name
    )(x)


def norm(x: Any, name: str) -> Any:
    """Normalise by batch; momentum 0.9 here is 0.1 where these networks were published."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def relu(x: Any, name: str) -> Any:
    """Clip at zero."""
    return layers.ReLU(name=name)(x)


def head(x: Any, dropout: float) -> Any:
    """Average over the place and weigh the channels into one logit."""
    x = layers.GlobalAveragePooling2D(name="gap")(x)
    x = layers.Dropout(dropout, name="gap_dropout")(x)
    return layers.Dense(1, dtype="float32", name="logit")(x)
