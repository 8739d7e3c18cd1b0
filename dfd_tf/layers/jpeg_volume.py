"""The compression stream's input: quantised luma coefficients as a binary volume.

Detectors take pixels and nothing else, and every road to a score hands on no more. But the table
that a JPEG file was quantised by can be read off its pixels (`dfd_tf.layers.jpeg_table`), as long
as they lie on the file's own 8x8 grid at their own scale. There the layer gives back the file's
very coefficients; elsewhere it says that they are missing.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dfd_tf.layers.dct import dct_matrix
from dfd_tf.layers.jpeg_table import BLOCK, STEPS, quantisation_table, recover_table

LUMA = np.array([0.299, 0.587, 0.114], dtype="float32")  # ITU-R BT.601, as in JFIF
OPERATIONS_PER_STEP = 4


@keras.saving.register_keras_serializable(package="dfd_tf")
class QuantisedLumaDCT(keras.layers.Layer):
    """Quantise an image's luma as its JPEG file did, or by a fixed table.

    Input (batch, height, width, 3), RGB in [0, 255], sides multiples of 8; output
    (batch, height, width, 2). The first map holds whole numbers: frequency (u, v) of a block stands
    u pixels below and v to the right of the block's corner. The second is 1 where there is no table
    to quantise by, and then the first is 0; it is one value for a whole image. No weights, computed
    in float32; no gradient passes to the pixels.

    Args:
        quality: None for the file's own table, recovered from the pixels; or the quality, 1 to 100,
            whose standard table is taken for every image, JPEG or not.

    Raises:
        ValueError: a side is no multiple of 8.
    """

    def __init__(self, quality: int | None = None, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.quality = quality

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Lay out the transform of whole rows and columns for the given height and width."""
        _, height, width, _ = input_shape
        if height is None or width is None or height % BLOCK or width % BLOCK:
            raise ValueError(
                f"Blocks of {BLOCK}x{BLOCK} need sides that are multiples of {BLOCK}, "
                f"got {height}x{width}."
            )
        self.rows = np.kron(np.eye(height // BLOCK), dct_matrix(BLOCK)).astype("float32")
        self.columns = np.kron(np.eye(width // BLOCK), dct_matrix(BLOCK).T).astype("float32")
        self.blocks = (height // BLOCK, width // BLOCK)
        self.built = True

    def call(self, pixels: Any) -> Any:
        """Return quantised coefficients and the mark of those that are missing."""
        coefficients = self.coefficients(ops.stop_gradient(pixels))
        steps = ops.tile(self.table(coefficients), (1, *self.blocks))
        known = ops.minimum(steps, 1.0)
        quantised = ops.round(coefficients / ops.maximum(steps, 1.0)) * known
        return ops.stack([quantised, 1.0 - known], axis=-1)

    def coefficients(self, pixels: Any) -> Any:
        """DCT coefficients in place, (batch, height, width)."""
        # A JPEG decoder makes luma in whole numbers, from which RGB is not half a level away.
        luma = ops.round(ops.sum(pixels * LUMA, axis=-1)) - 128.0
        return ops.matmul(ops.matmul(self.rows, luma), self.columns)

    def table(self, coefficients: Any) -> Any:
        """Steps, (batch, 8, 8), 0 where they are not known."""
        rows, columns = self.blocks
        if self.quality is not None:
            fixed = quantisation_table(self.quality)[None].astype("float32")
            return fixed + ops.zeros_like(coefficients[:, :BLOCK, :BLOCK])
        x = ops.reshape(coefficients, (-1, rows, BLOCK, columns, BLOCK))
        x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4)), (-1, rows * columns, BLOCK**2))
        return ops.reshape(recover_table(x), (-1, BLOCK, BLOCK))

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """Cost for one image of the given shape."""
        _, height, width, _ = input_shape
        assert height is not None and width is not None
        search = OPERATIONS_PER_STEP * len(STEPS) if self.quality is None else 0
        return height * width * (len(LUMA) + height + width + search)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "quality": self.quality}


@keras.saving.register_keras_serializable(package="dfd_tf")
class CoefficientVolume(keras.layers.Layer):
    """Spread quantised coefficients over one binary map per absolute value.

    Input (batch, height, width, 2) as `QuantisedLumaDCT` gives it; output
    (batch, height, width, limit + 2). Map k < limit is 1 where the coefficient is k or -k, the next
    where it is at least `limit` away from 0; a histogram of any neighbourhood is then a plain
    average. The last map is 1 where coefficients are missing, and the others are 0 there.

    Args:
        limit: T of the publication; 10 follows from the eleven maps of its re-implementations.
    """

    def __init__(self, limit: int = 10, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def call(self, quantised: Any) -> Any:
        """Return the binary maps, in the compute dtype."""
        value, missing = quantised[..., :1], quantised[..., 1:]
        # What is missing lies on a level of its own.
        level = ops.minimum(ops.abs(value), self.limit) + missing * (self.limit + 1)
        # TensorFlow counts in no half precision.
        levels = ops.cast(ops.arange(self.limit + 2, dtype="int32"), self.compute_dtype)
        return ops.cast(ops.equal(level, levels), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "limit": self.limit}
