"""From an embedding back to what was embedded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers


def decode(
    embedding: Any,
    widths: Sequence[int],
    strides: Sequence[int],
    shape: tuple[int, int, int],
    prefix: str = "decoder",
) -> Any:
    """Mirror of an encoder: a dense layer, then a convolution and an enlargement for each stage.

    Enlarged by repetition and convolved after it: transposed convolutions leave checkerboards,
    which a high-pass score would take for traces.

    Args:
        embedding: (batch, n).
        widths: filters of the encoder's stages, first to last.
        strides: of these stages.
        shape: height, width and channels of what was embedded.
        prefix: of the layers' names.

    Returns:
        The reconstruction, (batch, *shape), linear, in float32.
    """
    height, width, channels = shape
    for stride in strides:
        height, width = height // stride, width // stride
    x = layers.Dense(height * width * widths[-1], name=f"{prefix}_expand")(embedding)
    x = layers.Reshape((height, width, widths[-1]), name=f"{prefix}_maps")(x)
    for number in range(len(widths), 0, -1):
        narrower = widths[max(number - 2, 0)]
        x = layers.Conv2D(
            narrower, 3, padding="same", use_bias=False, name=f"{prefix}_conv{number}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{prefix}_norm{number}")(x)
        x = layers.LeakyReLU(0.2, name=f"{prefix}_relu{number}")(x)
        if strides[number - 1] > 1:
            x = layers.UpSampling2D(strides[number - 1], name=f"{prefix}_up{number}")(x)
    return layers.Conv2D(
        channels, 3, padding="same", dtype="float32", name=f"{prefix}_reconstruction"
    )(x)
