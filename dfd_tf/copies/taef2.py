"""TAEF2, the tiny distilled autoencoder of FLUX.2 (MIT licence), rebuilt from its published shape.

Its copy of a photo shows the same scene with the traces that the last stage of a modern image
generator leaves. It has 64 channels throughout; the code has 32, at an eighth of the photo's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
from keras import layers, ops
from numpy.typing import NDArray

from dfd_tf.errors import UserError
from dfd_tf.pretrained.torch_file import read_torch_file

ENCODER, DECODER = "taef2_encoder.pth", "taef2_decoder.pth"
WIDTH, CODE = 64, 32
STRIDE = 8  # photo's pixels to one of the code's
# Numbers of the stages in the files; the blocks at the lowest resolution have a second path.
SHRINKING = ((2, (3, 4, 5)), (6, (7, 8, 9)), (10, (11, 12, 13)))
GROWING = (((3, 4, 5), 7), ((8, 9, 10), 12), ((13, 14, 15), 17))
GROUPS = 4

Tensors = Mapping[str, NDArray[Any]]


def load_taef2(folder: Path) -> keras.Model:
    """The autoencoder with its weights.

    Args:
        folder: where `taef2_encoder.pth` and `taef2_decoder.pth` lie.

    Returns:
        A model from photos to their copies, both float32 in [0, 255], shape (photos, height, width,
        3), sides multiples of 8.

    Raises:
        UserError: a file is missing, damaged, or of another network.
    """
    model = build_taef2()
    for part, name in (("encoder", ENCODER), ("decoder", DECODER)):
        if not (folder / name).is_file():
            raise UserError(f"{folder} has no {name}: both files of TAEF2 are needed.")
        _fill(model, part, read_torch_file(folder / name), name)
    return model


def build_taef2() -> keras.Model:
    """The autoencoder, its weights random."""
    photo = keras.Input((None, None, 3))
    code = _encoder(layers.Rescaling(1 / 255)(photo))
    copy = ops.clip(_decoder(code), 0, 1) * 255
    return keras.Model(photo, copy, name="taef2")


def _encoder(x: keras.KerasTensor) -> keras.KerasTensor:
    x = _block(_conv(x, "encoder.0"), "encoder.1")
    for down, blocks in SHRINKING:
        # PyTorch pads both sides by one, where Keras' "same" pads one side only.
        x = _conv(layers.ZeroPadding2D(1)(x), f"encoder.{down}", strides=2, use_bias=False)
        for number in blocks:
            x = _block(x, f"encoder.{number}", second_path=number > 10)
    return _conv(x, "encoder.14", filters=CODE)


def _decoder(code: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.ReLU()(_conv(3 * ops.tanh(code / 3), "decoder.1"))
    for blocks, up in GROWING:
        for number in blocks:
            x = _block(x, f"decoder.{number}", second_path=number < 6)
        x = _conv(layers.UpSampling2D(2)(x), f"decoder.{up}", use_bias=False)
    return _conv(_block(x, "decoder.18"), "decoder.19", filters=3)


def _block(x: keras.KerasTensor, name: str, second_path: bool = False) -> keras.KerasTensor:
    if second_path:
        x = layers.add([x, _second_path(x, name)])
    inner = layers.ReLU()(_conv(x, f"{name}.conv.0"))
    inner = layers.ReLU()(_conv(inner, f"{name}.conv.2"))
    return layers.ReLU()(layers.add([_conv(inner, f"{name}.conv.4"), x]))


def _second_path(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    wide = layers.Conv2D(4 * WIDTH, 1, use_bias=False, name=f"{name}.pool.0")(x)
    norm = layers.GroupNormalization(GROUPS, epsilon=1e-5, name=f"{name}.pool.1")(wide)
    return layers.Conv2D(WIDTH, 1, use_bias=False, name=f"{name}.pool.3")(layers.ReLU()(norm))


def _conv(
    x: keras.KerasTensor, name: str, filters: int = WIDTH, strides: int = 1, use_bias: bool = True
) -> keras.KerasTensor:
    padding = "same" if strides == 1 else "valid"
    layer = layers.Conv2D(
        filters, 3, strides=strides, padding=padding, use_bias=use_bias, name=name
    )
    return layer(x)


def _fill(model: keras.Model, part: str, tensors: Tensors, name: str) -> None:
    layers_of_part = [layer for layer in model.layers if layer.name.startswith(part)]
    try:
        for layer in layers_of_part:
            layer.set_weights(_weights(layer, tensors))
    except (KeyError, ValueError) as error:
        raise UserError(f"{name} holds the weights of another network: {error}") from None


def _weights(layer: keras.Layer, tensors: Tensors) -> list[NDArray[Any]]:
    stem = layer.name.partition(".")[2]
    weight = tensors[f"{stem}.weight"].astype("float32")
    if weight.ndim == 4:
        weight = weight.transpose(2, 3, 1, 0)  # (out, in, h, w) -> (h, w, in, out)
    offset = [tensors[f"{stem}.bias"].astype("float32")] if len(layer.weights) == 2 else []
    return [weight, *offset]
