"""A convolutional autoencoder: what it cannot copy through its bottleneck is unlike real photos."""

from __future__ import annotations

import keras
from keras import layers

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.one_class.decoder import decode
from dfd_tf.one_class.scores import ErrorKind, LogScore, ReconstructionError
from dfd_tf.one_class.traces import Trace, halvings, trace_input


@register(
    "autoencoder",
    paper="after Sakurada, Yairi, MLSDA 2014; layers are ours",
    input_size=128,
    cam_layer="conv4",
    parameters=5_299_107,
    kind="one-class",
)
def autoencoder(
    *,
    input_size: Size = 128,
    trace: Trace = "pixels",
    error: ErrorKind = "mse",
    widths: tuple[Size, Size, Size, Size] = (32, 64, 128, 256),
    dimensions: Size = 128,
    norm_momentum: Share = 0.9,
) -> keras.Model:
    """Build the autoencoder.

    The bottleneck is a true one: at the defaults 128 numbers for the 49,152 of the input. Wide
    autoencoders learn the identity and copy fakes as well as photos.

    Args:
        input_size: side of the square input in pixels.
        trace: what is to be reconstructed, see `trace_input`.
        error: which error is the score, see `ReconstructionError`.
        widths: filters of the encoder's four stages.
        dimensions: of the bottleneck.
        norm_momentum: momentum of the encoder's moving statistics.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1): the
        logarithm of the error, shifted and scaled by `LogScore`.
    """
    pixels, original = trace_input(input_size, trace)
    shape = original.shape[1:]
    strides = halvings(shape[0], len(widths))
    x = original
    for number, (width, stride) in enumerate(zip(widths, strides, strict=True), start=1):
        x = layers.Conv2D(
            width, 4, strides=stride, padding="same", use_bias=False, name=f"conv{number}"
        )(x)
        x = layers.BatchNormalization(momentum=norm_momentum, name=f"norm{number}")(x)
        x = layers.LeakyReLU(0.2, name=f"relu{number}")(x)
    x = layers.Flatten(name="flatten")(x)  # (batch, 16384) at 128 pixels
    x = layers.Dense(dimensions, name="embedding")(x)
    copy = decode(x, widths, strides, shape)
    score = ReconstructionError(error, name="error")([original, copy])
    return keras.Model(pixels, LogScore(name="logit")(score), name="autoencoder")
