"""SFFN, the shallow networks V1, V2 and V3 for hand-made and generated fake faces.

Lee, Tariq, Shin, Woo: "Detecting handcrafted facial image manipulations and GAN-generated facial
images using Shallow-FakeFaceNet", Applied Soft Computing 105 (2021) 107256; graphs as in the
authors' Keras code (ShallowNet). The paper does not say which version it calls SFFN.
"""

from __future__ import annotations

import logging
from typing import Any, Literal

import keras
from keras import layers

from dfd_tf.models.arguments import Amount, Share, Size
from dfd_tf.models.registry import register

_LOGGER = logging.getLogger(__name__)
HEAVY_DENSE = 50_000_000  # weights of one dense layer beyond which a user is warned


@register(
    "sffn",
    paper="Lee et al., Applied Soft Computing 2021, 10.1016/j.asoc.2021.107256",
    input_size=128,
    cam_layer="conv8",
    # Published for V3 at 128: 25,804,578 with two units on 1,024 features; one unit is 1,025 fewer.
    parameters=25_803_553,
)
def sffn(
    *,
    input_size: Size = 128,
    version: Literal["v1", "v2", "v3"] = "v3",
    head: Literal["flatten", "gap"] = "flatten",
    dropout: Share = 0.25,
    l2: Amount = 1e-4,
) -> keras.Model:
    """Build SFFN.

    Args:
        input_size: side of the square input in pixels; published for 64 and 128.
        version: "v1" has 17 convolutions with pooling, "v2" 8 with strides, "v3" 8 with
            `valid` padding, of which half see single pixels only.
        head: "flatten" and a wide dense layer as published, which holds nearly all parameters
            and ties the network to one input size; "gap" averages over the place and goes
            straight to the logit (v3: 109,377 parameters at any size).
        dropout: share dropped after nearly every layer.
        l2: penalty on the kernels of the convolutions and of the wide dense layer.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
        The last convolution, for Grad-CAM, is "conv17" in v1 and "conv8" in v2 and v3.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1 / 255, dtype="float32", name="normalise")(pixels)
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = _BODIES[version](x, dropout, penalty)
    if head == "flatten":
        x = _wide_dense(layers.Flatten(name="flatten")(x), version, dropout, penalty)
    else:
        x = layers.GlobalAveragePooling2D(name="gap")(x)
    logit = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(pixels, logit, name=f"sffn_{version}")


def _body_v1(x: Any, dropout: float, penalty: Any) -> Any:
    """Five stages of three convolutions and a pool, side 128 -> 63 -> 31 -> 15 -> 7 -> 3."""
    number = 0
    for stage, filters in enumerate((96, 192, 257, 311, 396), start=1):
        for place in range(3):
            number += 1
            x = _normed_conv(x, filters, 3, f"conv{number}", penalty)
            if place == 2:
                x = layers.MaxPooling2D(3, 2, name=f"pool{stage}")(x)
            x = layers.Dropout(dropout, name=f"conv{number}_dropout")(x)
    for kernel in (3, 1):
        number += 1
        x = _normed_conv(x, 437, kernel, f"conv{number}", penalty)
        x = layers.Dropout(dropout, name=f"conv{number}_dropout")(x)
    return x


def _normed_conv(x: Any, filters: int, kernel: int, name: str, penalty: Any) -> Any:
    x = layers.Conv2D(filters, kernel, padding="same", kernel_regularizer=penalty, name=name)(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


# Filters, kernel and stride of each convolution.
_V2 = (
    *((96, 3, 1), (96, 3, 1), (96, 3, 2)),
    *((192, 3, 1), (192, 3, 1), (192, 3, 2)),
    *((192, 3, 1), (192, 1, 1)),
)
_V3 = ((32, 5), (32, 1), (32, 1), (64, 3), (64, 1), (64, 1), (128, 3), (32, 1))


def _body_v2(x: Any, dropout: float, penalty: Any) -> Any:
    """Eight convolutions, two of them with stride 2, side 128 -> 64 -> 32."""
    for number, (filters, kernel, stride) in enumerate(_V2, start=1):
        x = layers.Conv2D(
            filters,
            kernel,
            stride,
            padding="same",
            activation="relu",
            kernel_regularizer=penalty,
            name=f"conv{number}",
        )(x)
        x = layers.Dropout(dropout, name=f"conv{number}_dropout")(x)
    return x


def _body_v3(x: Any, dropout: float, penalty: Any) -> Any:
    """Eight convolutions, a pool after the third and the sixth, side 128 -> 62 -> 30 -> 28."""
    for number, (filters, kernel) in enumerate(_V3, start=1):
        name = f"conv{number}"
        x = layers.Conv2D(
            filters, kernel, activation="relu", kernel_regularizer=penalty, name=name
        )(x)
        if number in (3, 6):
            x = layers.MaxPooling2D(2, name=f"pool{number // 3}")(x)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return x


_BODIES = {"v1": _body_v1, "v2": _body_v2, "v3": _body_v3}


def _wide_dense(x: Any, version: str, dropout: float, penalty: Any) -> Any:
    # 3,933 = 3 x 3 x 437 is v1's flattened size at 128 pixels; it stays so at other sizes.
    units, activation = (3933, None) if version == "v1" else (1024, "relu")
    weights = x.shape[-1] * units
    if weights > HEAVY_DENSE:
        _LOGGER.warning(
            "SFFN %s with head='flatten' has %s million weights in one dense layer at this input "
            "size; head='gap' has none of them.",
            version,
            round(weights / 1e6),
        )
    x = layers.Dense(units, activation=activation, kernel_regularizer=penalty, name="fc")(x)
    x = layers.BatchNormalization(name="fc_norm")(x)
    return layers.Dropout(dropout, name="fc_dropout")(x)
