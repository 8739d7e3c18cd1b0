"""OC-FakeDect: a variational autoencoder of real faces.

Khalid, Woo: "OC-FakeDect: Classifying Deepfakes Using One-class Variational Autoencoder", CVPR
Workshops 2020; layers after a re-implementation that says it follows the authors' code.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers

from dfd_tf.errors import UserError
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.one_class.sampling import Sampling
from dfd_tf.one_class.scores import LogScore, ReconstructionError
from dfd_tf.one_class.traces import Trace, trace_input

Widths = tuple[Size, Size, Size, Size]


@register(
    "oc_fakedect",
    paper="Khalid, Woo, CVPR Workshops 2020",
    input_size=100,
    cam_layer="conv4",
    parameters=23_729_776,
    kind="one-class",
)
def oc_fakedect(
    *,
    input_size: Size = 100,
    trace: Trace = "pixels",
    version: Literal[1, 2] = 1,
    widths: Widths = (16, 32, 64, 16),
    hidden: Size = 1024,
    dimensions: Size = 1024,
    norm_momentum: Share = 0.9,
) -> keras.Model:
    """Build OC-FakeDect.

    Args:
        input_size: side of the square input in pixels; published for 100.
        trace: what is to be reconstructed, see `trace_input`.
        version: 1 scores by the error of the reconstruction; 2 by the distance between the mean
            of the input and that which a second encoder reads off the reconstruction.
        widths: filters of the four convolutions, of strides 1, 2, 1, 2.
        hidden: width of the dense layers before and after the mean.
        dimensions: of the mean.
        norm_momentum: momentum of the moving statistics.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1): the
        logarithm of the root mean square error, shifted and scaled by `LogScore`.

    Raises:
        UserError: a trace whose side is not divisible by 4.
    """
    pixels, original = trace_input(input_size, trace)
    if original.shape[1] % 4:
        raise UserError(f"oc_fakedect needs a side divisible by 4, got {original.shape[1]}.")
    norm = _Norm(norm_momentum)
    x, shape = _encoder(original, widths, hidden, norm, "")
    mean = layers.Dense(dimensions, dtype="float32", name="embedding")(x)
    log_variance = layers.Dense(dimensions, dtype="float32", name="log_variance")(x)
    drawn = Sampling(name="sampling")([mean, log_variance])
    copy = _decoder(drawn, shape, (*widths[2::-1], original.shape[-1]), hidden, norm)
    if version == 1:
        score = ReconstructionError("rmse", name="error")([original, copy])
    else:
        x, _ = _encoder(copy, widths, hidden, norm, "again_")
        again = layers.Dense(dimensions, dtype="float32", name="again_embedding")(x)
        score = ReconstructionError("rmse", name="error")([mean, again])
    return keras.Model(pixels, LogScore(name="logit")(score), name="oc_fakedect")


class _Norm:
    """Batch normalisation and ReLU, by name."""

    def __init__(self, momentum: float) -> None:
        self.momentum = momentum

    def __call__(self, x: Any, name: str) -> Any:
        x = layers.BatchNormalization(epsilon=1e-5, momentum=self.momentum, name=f"{name}_norm")(x)
        return layers.ReLU(name=f"{name}_relu")(x)


def _encoder(
    x: Any, widths: Widths, hidden: int, norm: _Norm, prefix: str
) -> tuple[Any, tuple[int, int, int]]:
    """The hidden vector and the shape of the last maps."""
    for number, (width, stride) in enumerate(zip(widths, (1, 2, 1, 2), strict=True), start=1):
        name = f"{prefix}conv{number}"
        x = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False, name=name)(x)
        x = norm(x, name)
    shape = x.shape[1:]
    x = layers.Flatten(name=f"{prefix}flatten")(x)  # (batch, 10000) at 100 pixels
    x = layers.Dense(hidden, name=f"{prefix}fc")(x)
    return norm(x, f"{prefix}fc"), shape


def _decoder(
    x: Any, shape: tuple[int, int, int], widths: tuple[int, ...], hidden: int, norm: _Norm
) -> Any:
    x = norm(layers.Dense(hidden, name="decoder_fc")(x), "decoder_fc")
    x = layers.Dense(shape[0] * shape[1] * shape[2], name="decoder_expand")(x)
    x = norm(x, "decoder_expand")
    x = layers.Reshape(shape, name="decoder_maps")(x)
    for number, (width, stride) in enumerate(zip(widths, (1, 2, 1, 2), strict=True), start=1):
        last = number == len(widths)
        name = "decoder_reconstruction" if last else f"decoder_conv{number}"
        x = layers.Conv2DTranspose(
            width,
            3,
            strides=stride,
            padding="same",
            use_bias=False,
            dtype="float32" if last else None,
            name=name,
        )(x)
        x = x if last else norm(x, name)
    return x
