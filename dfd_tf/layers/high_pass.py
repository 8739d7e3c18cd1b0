"""What a picture is made of at the finest scale: residuals and logarithms of coefficients."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dfd_tf.layers.amten import BLUR_KERNEL, NEIGHBOUR_KERNEL


@keras.saving.register_keras_serializable(package="dfd_tf")
class HighPass(keras.layers.Layer):
    """What each channel's pixels leave unexplained by their neighbours, divided and clipped.

    Input (batch, height, width, channels); output of the same shape. Borders are mirrored. There
    are no weights, and float32 is kept whatever the precision policy, since a residual is a small
    difference of large numbers.

    Args:
        kind: "square" predicts a pixel exactly on quadratic surfaces (SQUARE 3x3 of
            steganalysis); "blur" takes the binomial average of its 3x3 neighbourhood.
        step: what the residual is divided by, in units of the input.
        limit: the quotient is clipped to ±limit, so that edges do not drown the noise
            (Fridrich, Kodovsky 2012); None for no clipping.
    """

    def __init__(
        self,
        kind: str = "square",
        step: float = 1.0,
        limit: float | None = None,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.kind, self.step, self.limit = kind, step, limit
        prediction = {"square": NEIGHBOUR_KERNEL, "blur": BLUR_KERNEL}[kind]
        identity = np.zeros((3, 3), dtype="float32")
        identity[1, 1] = 1.0
        self.kernel_2d = (identity - prediction) / step

    def call(self, maps: Any) -> Any:
        """Return the residuals."""
        padded = ops.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
        kernel = np.repeat(self.kernel_2d[:, :, None, None], maps.shape[-1], axis=2)
        residual = ops.depthwise_conv(padded, kernel, padding="valid")
        return residual if self.limit is None else ops.clip(residual, -self.limit, self.limit)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        own = {"kind": self.kind, "step": self.step, "limit": self.limit}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="dfd_tf")
class LogMagnitude(keras.layers.Layer):
    """log(1 + |x|): the size of coefficients that span orders of magnitude, without their sign."""

    def __init__(self, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)

    def call(self, maps: Any) -> Any:
        """Return the logarithms, of the shape of the input."""
        return ops.log1p(ops.abs(maps))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape
