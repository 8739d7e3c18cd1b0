"""Block DCT inside the graph, so that augmentation can never part the spectrum from the pixels."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


def dct_matrix(size: int) -> NDArray[np.float64]:
    """Orthonormal DCT-II: row u holds the basis of frequency u, shape (size, size)."""
    frequency, place = np.mgrid[0:size, 0:size]
    matrix = np.sqrt(2 / size) * np.cos(np.pi * (2 * place + 1) * frequency / (2 * size))
    matrix[0] /= np.sqrt(2)
    return matrix


def zigzag(size: int) -> list[int]:
    """Row-major indices of a (size, size) block in JPEG's zig-zag order, low frequencies first."""

    def rank(index: int) -> tuple[int, int]:
        row, column = divmod(index, size)
        diagonal = row + column
        return diagonal, row if diagonal % 2 else -row

    return sorted(range(size * size), key=rank)


@keras.saving.register_keras_serializable(package="dfd_tf")
class BlockDCT(keras.layers.Layer):
    """Two-dimensional orthonormal DCT-II of every channel in overlapping blocks.

    Input (batch, height, width, channels); output (batch, rows, columns, size² · channels), one
    place per whole block. Channels are in zig-zag order of frequency and interleaved, R0, G0, B0,
    R1, G1, B1, ..., so that a grouped convolution sees bands of neighbouring frequencies. The
    coefficient of a constant block of value c is `size · c` at frequency 0.

    There are no weights. Computed in float32 whatever the precision policy, since a coefficient
    is a small difference of large numbers.

    Args:
        size: side of a block in pixels.
        stride: step between blocks in pixels.
    """

    def __init__(
        self, size: int = 4, stride: int = 2, dtype: Any = "float32", **kwargs: Any
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.size = size
        self.stride = stride
        # By the names of a convolution, so that receptive fields can be read off the graph.
        self.kernel_size, self.strides, self.padding = (size, size), (stride, stride), "valid"

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Lay out the basis as one convolution kernel for the given number of channels."""
        channels = input_shape[-1]
        assert channels is not None
        matrix = dct_matrix(self.size)
        basis = np.einsum("ui,vj->uvij", matrix, matrix).reshape(-1, self.size, self.size)
        # Dense over channels, although each output reads one: faster than a depthwise kernel
        # on CPUs, and the interleaved order needs no gathering.
        kernel = np.einsum("kij,cd->ijckd", basis[zigzag(self.size)], np.eye(channels))
        self.basis = kernel.reshape(self.size, self.size, channels, -1).astype("float32")
        self.built = True

    def call(self, maps: Any) -> Any:
        """Return the coefficients of every block."""
        return ops.conv(maps, self.basis, strides=self.stride, padding="valid")

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """Cost for one image of the given shape."""
        _, height, width, _ = input_shape
        assert height is not None and width is not None
        rows, columns = ((side - self.size) // self.stride + 1 for side in (height, width))
        return self.basis.size * rows * columns

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "size": self.size, "stride": self.stride}
