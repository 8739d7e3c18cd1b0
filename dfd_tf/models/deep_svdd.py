"""Deep Support Vector Data Description: real photos lie close to a centre, others do not.

Ruff et al., "Deep One-Class Classification", ICML 2018; layers as in the authors' code for CIFAR,
one stage more for faces of 128 pixels. Nothing in the network could produce a constant by itself:
no layer has a bias, the normalisation has neither offset nor scale, no activation is bounded.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.one_class.scores import LogScore, SquaredDistance
from dfd_tf.one_class.traces import Trace, halvings, trace_input


@register(
    "deep_svdd",
    paper="Ruff et al., ICML 2018 (Deep SVDD); ICLR 2020, arXiv:1906.02694 (DeepSAD)",
    input_size=128,
    cam_layer="conv4",
    parameters=3_174_752,
    kind="one-class",
)
def deep_svdd(
    *,
    input_size: Size = 128,
    trace: Trace = "pixels",
    widths: tuple[Size, Size, Size, Size] = (32, 64, 128, 256),
    kernel: Size = 5,
    dimensions: Size = 128,
    norm_momentum: Share = 0.9,
) -> keras.Model:
    """Build Deep SVDD, also the network of its soft-boundary and semi-supervised (DeepSAD) kin.

    Args:
        input_size: side of the square input in pixels.
        trace: what the network sees, see `trace_input`.
        widths: filters of the four stages.
        kernel: side of their windows.
        dimensions: of the space that the centre lies in.
        norm_momentum: momentum of the moving statistics.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1): the
        logarithm of the squared distance to the centre, shifted and scaled by `LogScore`.
    """
    pixels, x = trace_input(input_size, trace)
    strides = halvings(x.shape[1], len(widths))
    for number, (width, stride) in enumerate(zip(widths, strides, strict=True), start=1):
        x = _stage(x, width, kernel, stride, str(number), norm_momentum)
    x = layers.Flatten(name="flatten")(x)  # (batch, 16384) at 128 pixels
    x = layers.Dense(dimensions, use_bias=False, name="embedding")(x)
    distance = SquaredDistance(name="distance")(x)
    return keras.Model(pixels, LogScore(name="logit")(distance), name="deep_svdd")


def _stage(x: Any, width: int, kernel: int, stride: int, number: str, momentum: float) -> Any:
    x = layers.Conv2D(width, kernel, padding="same", use_bias=False, name=f"conv{number}")(x)
    x = layers.BatchNormalization(
        epsilon=1e-4, momentum=momentum, center=False, scale=False, name=f"norm{number}"
    )(x)
    x = layers.LeakyReLU(0.01, name=f"relu{number}")(x)
    return layers.MaxPooling2D(stride, name=f"pool{number}")(x) if stride > 1 else x
