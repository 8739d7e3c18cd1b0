"""From the cells of a layer back to the pixels of the original image.

A layer of 14 x 14 cells does not tile its 128 pixels: where convolutions and pools are not padded,
the outermost cells look well inside the border. So the place of each cell is computed from the
graph, and the way from the original image to the square is inverted, not approximated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.types import Floats

if TYPE_CHECKING:
    import keras


class Cells(NamedTuple):
    """Where the cells of a layer look, along either side of a square input.

    Attributes:
        start: middle of the first cell's field, in pixels; 0 is the middle of the first pixel.
        step: pixels from one cell to the next.
    """

    start: float
    step: float


def cells_of(model: keras.Model, layer: keras.layers.Layer) -> Cells:
    """The middles of the receptive fields of a layer's cells.

    Where branches meet that look at slightly different places, their mean is taken. Cells that
    were a row of tokens in between tile the square evenly.

    Args:
        model: flat functional graph with a square input.
        layer: one of its layers, with output (batch, side, side, channels).
    """
    places = {id(model.inputs[0]): Cells(0.0, 1.0)}
    for operation in model.operations:
        inputs = [t for t in _listed(operation.input) if id(t) in places]
        if not inputs:
            continue
        for output in _listed(operation.output):
            if id(output) not in places and len(output.shape) == 4:
                seen = [_after(operation, places[id(t)], t, output) for t in inputs]
                places[id(output)] = Cells(*np.mean(seen, axis=0))
    tiling = model.inputs[0].shape[1] / layer.output.shape[1]
    return places.get(id(layer.output), Cells((tiling - 1) / 2, tiling))


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _after(operation: Any, cells: Cells, before: Any, after: Any) -> Cells:
    """Places after one operation: of its window, its padding, or else of an even tiling."""
    n_before, n_after = before.shape[1], after.shape[1]
    window = getattr(operation, "kernel_size", None) or getattr(operation, "pool_size", None)
    if window and hasattr(operation, "strides"):  # CBAM has a kernel too, but keeps every place
        stride = operation.strides[0]
        reach = (window[0] - 1) * getattr(operation, "dilation_rate", (1,))[0]
        lacking = max(0, (n_after - 1) * stride + reach + 1 - n_before)
        padded = lacking // 2 if operation.padding == "same" else 0
        return Cells(cells.start + cells.step * (reach / 2 - padded), cells.step * stride)
    if type(operation).__name__ == "ZeroPadding2D":
        return Cells(cells.start - cells.step * operation.padding[0][0], cells.step)
    scale = n_before / n_after
    return Cells(cells.start + cells.step * (scale - 1) / 2, cells.step * scale)


def on_square(maps: NDArray[np.float32], cells: Cells, size: int) -> NDArray[np.float32]:
    """Interpolate maps (n, side, side) of a layer to the pixels (n, size, size) of the input."""
    weights = _interpolation(np.arange(size, dtype=float), cells, maps.shape[1])
    return np.asarray(weights @ maps @ weights.T, np.float32)


def on_image(
    maps: NDArray[np.float32], cells: Cells, policy: Preprocessing, height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Lay the maps of all views over the original image.

    The logit of an image is the mean over its views, so is the heat: a pixel that several views
    show has the sum of their heat, divided by the number of views.

    Args:
        maps: (views, side, side), one for each of the detector's views, in their order.
        cells: where the cells look, in pixels of the square.
        policy: how the image became squares.
        height: of the original image, in pixels.
        width: likewise.

    Returns:
        heat: float32, (height, width), 0 where the detector saw nothing.
        seen: bool, (height, width), whether any view shows the pixel.
    """
    fitted = policy.fitted_shape(height, width)
    heat, seen = np.zeros((height, width), np.float32), np.zeros((height, width), bool)
    for window, cell_map in zip(policy.windows(*fitted), maps, strict=True):
        rows = _on_square_axis(height, fitted[0], window.top, window.side, policy.size)
        columns = _on_square_axis(width, fitted[1], window.left, window.side, policy.size)
        inside = [(axis >= -0.5) & (axis < policy.size - 0.5) for axis in (rows, columns)]
        weights = [
            _interpolation(axis, cells, len(cell_map)) * shown[:, None]
            for axis, shown in zip((rows, columns), inside, strict=True)
        ]
        heat += np.asarray(weights[0] @ cell_map @ weights[1].T / len(maps), np.float32)
        seen |= np.outer(*inside)
    return heat, seen


def _on_square_axis(original: int, fitted: int, offset: int, side: int, size: int) -> Floats:
    """Along one axis, where the middles of the original's pixels lie on the square, in pixels."""
    in_fitted = (np.arange(original) + 0.5) * fitted / original
    return (in_fitted - offset) * size / side - 0.5


def _interpolation(places: Floats, cells: Cells, n: int) -> Floats:
    """Linear weights of n cells at each of the places: (len(places), n), rows of sum 1.

    Beyond the outermost middles the outermost cell counts alone.
    """
    at = np.clip((places - cells.start) / cells.step, 0, n - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(n)))
