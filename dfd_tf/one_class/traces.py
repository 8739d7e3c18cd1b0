"""What a one-class detector looks at: pixels, high-pass residual or block spectrum."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers

from dfd_tf.errors import UserError
from dfd_tf.layers import BlockDCT, HighPass, LogMagnitude

Trace = Literal["pixels", "residual", "both", "dct"]

# Residuals of photos are a few grey levels, larger ones are edges.
RESIDUAL_STEP, RESIDUAL_LIMIT = 4.0, 3.0
DCT_BLOCK = 8


def trace_input(input_size: int, trace: Trace) -> tuple[Any, Any]:
    """Start of a graph: pixels, and the layer "trace" that everything after it sees.

    Args:
        input_size: side of the square input in pixels.
        trace: "pixels": RGB scaled to [-1, 1]; "residual": what neighbouring pixels do not
            explain, in steps of four grey levels clipped to ±3; "both": these six channels;
            "dct": log(1 + |coefficient|) of all 64 frequencies of each channel in JPEG's 8x8
            blocks, standardised roughly.

    Returns:
        Keras tensors (batch, input_size, input_size, 3) and (batch, side, side, channels), in
        float32: side and channels are input_size and 3 or 6, for "dct" input_size / 8 and 192.

    Raises:
        UserError: blocks that do not fill the input.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    scale = layers.Rescaling(1 / 127.5, -1.0, dtype="float32", name=_name(trace, "pixels"))
    filtering = HighPass("square", RESIDUAL_STEP, RESIDUAL_LIMIT, name=_name(trace, "residual"))
    if trace == "both":
        joined = layers.Concatenate(dtype="float32", name="trace")
        return pixels, joined([scale(pixels), filtering(pixels)])
    if trace != "dct":
        return pixels, (scale if trace == "pixels" else filtering)(pixels)
    if input_size % DCT_BLOCK:
        raise UserError(f"trace 'dct' needs an input_size divisible by 8, got {input_size}.")
    x = BlockDCT(DCT_BLOCK, DCT_BLOCK, name="dct")(pixels)
    x = LogMagnitude(name="log_magnitude")(x)
    return pixels, layers.Rescaling(0.5, offset=-1.0, dtype="float32", name="trace")(x)


def _name(trace: Trace, part: str) -> str:
    return "trace" if trace == part else f"{part}_part"


def halvings(side: int, stages: int, smallest: int = 4) -> list[int]:
    """Stride, 2 or 1, of each stage: halve as long as at least `smallest` places a side remain."""
    strides = []
    for _ in range(stages):
        stride = 2 if side % 2 == 0 and side // 2 >= smallest else 1
        strides.append(stride)
        side //= stride
    return strides
