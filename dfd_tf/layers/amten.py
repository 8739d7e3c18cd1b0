"""AMTEN, the adaptive manipulation trace extraction network.

Guo, Yang, Chen, Sun: "Fake face detection via adaptive manipulation traces extraction network",
Computer Vision and Image Understanding 204 (2021) 103170, arXiv:2005.04945; graph as in the
authors' Caffe prototxt.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

# Predicts a pixel from its eight neighbours, exactly so on any quadratic surface (the SQUARE 3x3
# kernel of steganalysis), so that prediction minus pixel is a high-pass residual.
NEIGHBOUR_KERNEL = np.array([[-1, 2, -1], [2, 0, 2], [-1, 2, -1]], dtype="float32") / 4
BLUR_KERNEL = np.outer([1, 2, 1], [1, 2, 1]).astype("float32") / 16
BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype="float32")  # ITU-R BT.601


@keras.saving.register_keras_serializable(package="dfd_tf")
class NeighbourPrediction(keras.initializers.Initializer):
    """Start a 3x3 convolution as the prediction of each channel from its own neighbours.

    With random weights `conv(x) - x` is nearly `-x`, and the content of the image drowns the
    traces for many epochs; from this start it is a residual at the first step.
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """Return the kernel of `shape` (3, 3, channels, channels)."""
        kernel = np.zeros(shape, dtype="float32")
        for channel in range(shape[-1]):
            kernel[:, :, channel, channel] = NEIGHBOUR_KERNEL
        return ops.cast(kernel, dtype or "float32")


@keras.saving.register_keras_serializable(package="dfd_tf")
class TraceSplit(keras.initializers.Initializer):
    """Start AMTEN's predictor so that F_mt holds traces of two kinds and the content.

    The three maps `conv1(x) - x` begin as the high-pass residual of brightness, the high-pass
    residual of red minus blue (in a photo both come from one mosaic of sensors), each times
    `gain`, and the blurred brightness.
    """

    def __init__(self, gain: float = 8.0) -> None:
        self.gain = gain

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """Return the kernel of `shape` (3, 3, 3, 3)."""
        residual = NEIGHBOUR_KERNEL.copy()
        residual[1, 1] = -1.0
        wanted = np.zeros(shape, dtype="float32")
        wanted[..., 0] = self.gain * residual[:, :, None] * BRIGHTNESS
        wanted[..., 1] = self.gain * residual[:, :, None] * np.array([1.0, 0.0, -1.0])
        wanted[..., 2] = BLUR_KERNEL[:, :, None] * BRIGHTNESS
        identity = np.zeros(shape, dtype="float32")
        identity[1, 1] = np.eye(3)
        return ops.cast(wanted + identity, dtype or "float32")

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {"gain": self.gain}


@keras.saving.register_keras_serializable(package="dfd_tf")
class AMTEN(keras.layers.Layer):
    """Extract manipulation traces from RGB pixels; 909 parameters, all linear by default.

    A first convolution predicts each pixel from its neighbourhood; what it mispredicts,
    `F_mt = conv1(x) - x`, is the trace map. Two pairs of convolutions then refine it, and every
    earlier map is kept beside the refined one.

    Input (batch, height, width, 3); output (batch, height, width, 12), the channels being
    [F2 (6), F1 (3), F_mt (3)].

    Args:
        activation: activation after the refining convolutions; the paper has none.
        predictor_initializer: start of the predicting convolution; the paper has
            "glorot_uniform", `NeighbourPrediction()` learns much faster.
        trace_gain: factor on F_mt. Residuals are about a hundredth of the pixel range, and the
            first normalisation comes only after the fourth convolution.
    """

    def __init__(
        self,
        activation: str | None = None,
        predictor_initializer: Any = "glorot_uniform",
        trace_gain: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)
        self.predictor_initializer = keras.initializers.get(predictor_initializer)
        self.trace_gain = trace_gain
        self.predictor = self._conv(3, "conv1", self.predictor_initializer, use_bias=False)
        self.first_refinement = [self._conv(3, "conv2_1"), self._conv(3, "conv2_2")]
        self.second_refinement = [self._conv(6, "conv3_1"), self._conv(6, "conv3_2")]

    def _conv(
        self, filters: int, name: str, initializer: Any = "glorot_uniform", use_bias: bool = True
    ) -> keras.layers.Conv2D:
        return keras.layers.Conv2D(
            filters,
            3,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=initializer,
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for RGB input."""
        space = input_shape[:-1]
        self.predictor.build((*space, 3))
        for channels, pair in ((3, self.first_refinement), (6, self.second_refinement)):
            for conv in pair:
                conv.build((*space, channels))
        self.built = True

    def call(self, pixels: Any) -> Any:
        """Return [F2, F1, F_mt] along the channel axis."""
        trace = (self.predictor(pixels) - pixels) * self.trace_gain  # (batch, h, w, 3)
        once = ops.concatenate([self._refine(trace, self.first_refinement), trace], axis=-1)
        return ops.concatenate([self._refine(once, self.second_refinement), once], axis=-1)

    def _refine(self, maps: Any, convolutions: list[keras.layers.Conv2D]) -> Any:
        for convolution in convolutions:
            maps = self.activation(convolution(maps))
        return maps

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Twelve channels, same height and width."""
        return (*input_shape[:-1], 12)

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """Multiply-adds for one image: five convolutions, all at full size."""
        height, width = input_shape[1:3]
        assert height is not None and width is not None
        convolutions = [self.predictor, *self.first_refinement, *self.second_refinement]
        return sum(math.prod(conv.kernel.shape) for conv in convolutions) * height * width

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {
            **super().get_config(),
            "activation": keras.activations.serialize(self.activation),
            "predictor_initializer": keras.initializers.serialize(self.predictor_initializer),
            "trace_gain": self.trace_gain,
        }
