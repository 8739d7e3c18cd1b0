"""What AMTEN, the front end of some detectors, makes of an image."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.layers import AMTEN

# The layer's channels by name, as they are shown: the trace map first, then what is made of it.
CHANNELS = {
    **{f"F_mt {i + 1}": 9 + i for i in range(3)},
    **{f"F1 {i + 1}": 6 + i for i in range(3)},
    **{f"F2 {i + 1}": i for i in range(6)},
}
_PERCENTILES = (1, 99)


def trace_model(model: keras.Model) -> keras.Model | None:
    """From a detector's pixels to its AMTEN layer's maps; None where it has no such layer."""
    found = [layer for layer in model.layers if isinstance(layer, AMTEN)]
    return keras.Model(model.inputs[0], found[0].output) if found else None


def trace_maps(model: keras.Model, square: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """The maps of one input (size, size, 3) by name, each (size, size) in [0, 1].

    Each runs from its own first to its own 99th percentile: they differ in scale by far.
    """
    maps = np.asarray(model(square[None].astype(np.float32)))[0]
    return {name: _normalised(maps[..., channel]) for name, channel in CHANNELS.items()}


def _normalised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.percentile(values, _PERCENTILES)
    return np.clip((values - low) / max(high - low, 1e-12), 0, 1).astype(np.float32)
