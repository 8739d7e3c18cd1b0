"""AMTENnet: the AMTEN front end and a small convolutional classifier.

Guo et al. 2021, arXiv:2005.04945; layer by layer after the authors' Caffe prototxt. The order
inside a stage is theirs: convolution, max-pooling, ReLU, batch normalisation.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers

from dfd_tf.layers import AMTEN, CBAM
from dfd_tf.layers.amten import NeighbourPrediction, TraceSplit
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register

_PREDICTORS = {
    "glorot": "glorot_uniform",
    "neighbours": NeighbourPrediction(),
    "split": TraceSplit(),
}
_HEADS = {"flatten": layers.Flatten, "gap": layers.GlobalAveragePooling2D}


@register(
    "amtenet",
    paper="Guo et al., CVIU 2021, arXiv:2005.04945",
    input_size=128,
    cam_layer="conv7",
    parameters=2_022_746,
)
def amtenet(
    *,
    input_size: Size = 128,
    predictor: Literal["glorot", "neighbours", "split"] = "split",
    trace_gain: float = 1.0,
    front_end_activation: str | None = None,
    fc_activation: str | None = "relu",
    dropout: Share = 0.0,
    norm_momentum: Share = 0.99,
    cbam: bool = False,
    head: Literal["flatten", "gap"] = "flatten",
) -> keras.Model:
    """Build AMTENnet.

    Args:
        input_size: side of the square input in pixels; published for 128.
        predictor: start of AMTEN's predicting convolution: "glorot" as published, "neighbours"
            see `NeighbourPrediction`, "split" see `TraceSplit`.
        trace_gain: factor on AMTEN's trace maps.
        front_end_activation: activation inside AMTEN; none in the paper.
        fc_activation: activation of the two hidden dense layers; None as in the published graph,
            where they collapse into one linear map.
        dropout: share dropped before each hidden dense layer.
        norm_momentum: momentum of the moving statistics; 0.999 in the published graph, which
            needs many thousand steps.
        cbam: attention after the last convolution stage.
        head: "flatten" as published, which ties the network to one input size and to faces in
            one place; "gap" averages over the place and has 179,546 parameters at any size.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    start = _PREDICTORS[predictor]
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    # Residuals are differences of nearly equal numbers: eight bits of mantissa would lose them.
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="normalise")(pixels)
    x = AMTEN(front_end_activation, start, trace_gain, dtype="float32", name="amten")(x)

    x = _stage(x, 24, "conv4", "same", "same", norm_momentum)  # 128 -> 64
    x = _stage(x, 48, "conv5", "valid", "same", norm_momentum)  # 62 -> 31
    # Caffe pools in ceil mode; from 29 that is `valid` in Keras, from even sides `same`.
    x = _stage(x, 64, "conv6", "valid", "valid", norm_momentum)  # 29 -> 14
    x = layers.Conv2D(128, 1, name="conv7")(x)
    x = layers.MaxPooling2D(3, 2, padding="same", name="conv7_pool")(x)  # 14 -> 7
    x = layers.ReLU(name="conv7_relu")(x)
    if cbam:
        x = CBAM(name="cbam")(x)

    # (batch, 6272) or (batch, 128)
    x = _HEADS[head](name=head)(x)
    for name in ("fc0", "fc1"):
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
        x = layers.Dense(300, activation=fc_activation, name=name)(x)
    logit = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(pixels, logit, name="amtenet")


def _stage(
    x: Any, filters: int, name: str, conv_padding: str, pool_padding: str, momentum: float
) -> Any:
    x = layers.Conv2D(filters, 3, padding=conv_padding, name=name)(x)
    x = layers.MaxPooling2D(3, 2, padding=pool_padding, name=f"{name}_pool")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.BatchNormalization(epsilon=1e-5, momentum=momentum, name=f"{name}_norm")(x)
