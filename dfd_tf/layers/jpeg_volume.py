"""The compression stream's input: quantised luma coefficients as a binary volume.

Detectors take pixels and nothing else, and decoded pixels no longer say by which table their file
was quantised. So every image is quantised anew here, on the 8x8 grid of the input's own corner and
by one fixed table, whatever its file had: the volume describes the pixels, and is the same for a
JPEG, a PNG and an array. Traces of an earlier JPEG compression are in it where the input was cut at
its own scale at a multiple of 8 pixels, and fade on any other grid. Reading the true coefficients
and the file's own table needs a decoder that hands both on, and a second input; that is not built.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dfd_tf.layers.dct import dct_matrix

BLOCK = 8
LUMA = np.array([0.299, 0.587, 0.114], dtype="float32")  # ITU-R BT.601, as in JFIF
# ITU-T T.81, table K.1: quantisation of luminance at quality 50.
LUMINANCE_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


def quantisation_table(quality: int) -> NDArray[np.int64]:
    """The luminance table of a quality from 1 to 100 by libjpeg's rule, shape (8, 8)."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((LUMINANCE_TABLE * percent + 50) // 100, 1, 255)


@keras.saving.register_keras_serializable(package="dfd_tf")
class QuantisedLumaDCT(keras.layers.Layer):
    """Quantise an image's luma as JPEG does, by a fixed table.

    Input (batch, height, width, 3), RGB in [0, 255], sides multiples of 8; output
    (batch, height, width, 1), whole numbers: frequency (u, v) of a block stands u pixels below and
    v to the right of the block's corner. No weights, computed in float32; rounding lets no gradient
    pass to the pixels.

    Args:
        quality: which of libjpeg's tables; 90 keeps most frequencies of a photo of usual quality
            between 0 and the volume's limit.

    Raises:
        ValueError: a side is no multiple of 8.
    """

    def __init__(self, quality: int = 90, dtype: Any = "float32", **kwargs: Any) -> None:
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
        blocks = (height // BLOCK, width // BLOCK)
        self.steps = np.tile(quantisation_table(self.quality), blocks).astype("float32")
        self.built = True

    def call(self, pixels: Any) -> Any:
        """Return the plane of quantised coefficients."""
        luma = ops.sum(pixels * LUMA, axis=-1) - 128.0  # (batch, h, w)
        coefficients = ops.matmul(ops.matmul(self.rows, luma), self.columns)
        return ops.round(coefficients / self.steps)[..., None]

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """Cost for one image of the given shape."""
        _, height, width, _ = input_shape
        assert height is not None and width is not None
        return height * width * (len(LUMA) + height + width)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "quality": self.quality}


@keras.saving.register_keras_serializable(package="dfd_tf")
class CoefficientVolume(keras.layers.Layer):
    """Spread quantised coefficients over one binary map per absolute value.

    Input (batch, height, width, 1), whole numbers; output (batch, height, width, limit + 1): map
    k < limit is 1 where the coefficient is k or -k, the last where it is at least `limit` away
    from 0. A histogram of any neighbourhood is then a plain average.

    Args:
        limit: T of the publication; 10 follows from the eleven maps of its re-implementations.
    """

    def __init__(self, limit: int = 10, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def call(self, plane: Any) -> Any:
        """Return the binary maps, in the compute dtype."""
        value = ops.minimum(ops.abs(plane), self.limit)
        # TensorFlow counts in no half precision.
        levels = ops.cast(ops.arange(self.limit + 1, dtype="int32"), self.compute_dtype)
        return ops.cast(ops.equal(value, levels), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "limit": self.limit}
