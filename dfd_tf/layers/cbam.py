"""CBAM, the convolutional block attention module.

Woo, Park, Lee, Kweon: "CBAM: Convolutional Block Attention Module", ECCV 2018, arXiv:1807.06521.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

SMALLEST_HIDDEN = 4


@keras.saving.register_keras_serializable(package="dfd_tf")
class CBAM(keras.layers.Layer):
    """Weigh feature maps by channel, then by place.

    Input and output (batch, height, width, channels). The channel gate is one two-layer
    perceptron shared by the average- and the max-pooled vector; the spatial gate is a 7x7
    convolution over the maximum and the mean across channels, followed by batch normalisation
    whose scale starts at zero, so that this gate starts at 0.5 everywhere.

    Args:
        ratio: how many times narrower the hidden layer is than the number of channels.
        kernel_size: side of the spatial gate's kernel.
    """

    def __init__(self, ratio: int = 16, kernel_size: int = 7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ratio = ratio
        self.kernel_size = kernel_size
        self.place = keras.layers.Conv2D(
            1, kernel_size, padding="same", use_bias=False, dtype=self.dtype_policy, name="place"
        )
        self.place_norm = keras.layers.BatchNormalization(
            epsilon=1e-5, gamma_initializer="zeros", dtype=self.dtype_policy, name="place_norm"
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for the given number of channels."""
        channels = input_shape[-1]
        assert channels is not None
        hidden = max(channels // self.ratio, SMALLEST_HIDDEN)
        self.squeeze = keras.layers.Dense(
            hidden, activation="relu", dtype=self.dtype_policy, name="squeeze"
        )
        self.excite = keras.layers.Dense(channels, dtype=self.dtype_policy, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, hidden))
        self.place.build((*input_shape[:-1], 2))
        self.place_norm.build((*input_shape[:-1], 1))
        self.built = True

    def call(self, maps: Any, training: bool | None = None) -> Any:
        """Return `maps` times both gates."""
        maps = maps * self._channel_gate(maps)
        return maps * self._spatial_gate(maps, training)

    def _channel_gate(self, maps: Any) -> Any:
        pooled = (ops.mean(maps, axis=(1, 2)), ops.max(maps, axis=(1, 2)))
        logits = sum(self.excite(self.squeeze(vector)) for vector in pooled)
        return ops.sigmoid(logits)[:, None, None, :]  # (batch, 1, 1, channels)

    def _spatial_gate(self, maps: Any, training: bool | None) -> Any:
        summary = ops.concatenate(
            [ops.max(maps, axis=-1, keepdims=True), ops.mean(maps, axis=-1, keepdims=True)], axis=-1
        )  # (batch, h, w, 2)
        return ops.sigmoid(self.place_norm(self.place(summary), training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Attention changes no shape."""
        return input_shape

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """Multiply-adds for one image: the perceptron twice, the spatial gate at full size."""
        height, width = input_shape[1:3]
        assert height is not None and width is not None
        perceptron = math.prod(self.squeeze.kernel.shape) + math.prod(self.excite.kernel.shape)
        return 2 * perceptron + math.prod(self.place.kernel.shape) * height * width

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "ratio": self.ratio, "kernel_size": self.kernel_size}
