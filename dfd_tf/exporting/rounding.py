"""Weights to eight bits with the least change of a layer's outputs on real images.

Frantar et al. 2023, GPTQ (https://arxiv.org/abs/2210.17323): the weights of a channel are rounded
one by one, and what each loses is made up by those that follow, as far as their inputs vary
together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dfd_tf.exporting.kernels import LEVELS, Kernel, Stored
from dfd_tf.lite import native_silence

DAMPING = 0.01
# Beyond, the moments are more than the images can tell, and take minutes.
MOST_INPUTS = 2048


def is_compensated(kernel: Kernel) -> bool:
    """Whether the layer is a matrix product of moderate size: a dense layer or a 1 x 1 kernel."""
    shape = kernel.values.shape
    pointwise = kernel.axis == 0 and all(side == 1 for side in shape[1:-1])
    return pointwise and shape[-1] <= MOST_INPUTS


def input_moments(
    content: bytes, kernels: Sequence[Kernel], squares: NDArray[np.uint8]
) -> dict[int, NDArray[np.float64]]:
    """Sums of products of a layer's inputs, (inputs, inputs), by index of its weights.

    Args:
        content: of a float32 file.
        kernels: of the file; those that are not compensated are left out.
        squares: real inputs, uint8, shape (n, size, size, 3).
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    with native_silence():
        interpreter = Interpreter(
            model_content=content,
            # Delegates fuse operations and keep what is between them to themselves.
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]["index"]
    wanted = [kernel for kernel in kernels if is_compensated(kernel)]
    sums = {kernel.tensor: np.zeros((kernel.values.shape[-1],) * 2) for kernel in wanted}
    for square in squares:
        interpreter.set_tensor(entry, square[None].astype(np.float32))
        interpreter.invoke()
        for kernel in wanted:
            rows = interpreter.get_tensor(kernel.inputs).reshape(-1, kernel.values.shape[-1])
            sums[kernel.tensor] += rows.T @ rows
    return sums


def to_int8(kernel: Kernel, moments: NDArray[np.float64] | None = None) -> Stored:
    """Weights as int8 with a scale for each output channel.

    Args:
        kernel: the weights.
        moments: of the layer's inputs; without them each weight goes to its nearest level.
    """
    values = kernel.values
    others = tuple(axis for axis in range(values.ndim) if axis != kernel.axis)
    scales = np.abs(values).max(axis=others, keepdims=True) / LEVELS
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    levels = values / scales
    if moments is not None:
        rows = levels.reshape(kernel.channels, -1)
        levels = _compensated(rows, moments).reshape(values.shape)
    return Stored(_nearest(levels).astype(np.int8), scales)


def _nearest(levels: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.clip(np.round(levels), -LEVELS, LEVELS)


def _compensated(levels: NDArray[np.float32], moments: NDArray[np.float64]) -> NDArray[np.floating]:
    """Round the columns of (outputs, inputs) in turn, those of the strongest inputs first."""
    strength = np.diag(moments)
    order = np.argsort(-strength)
    curvature = moments[order][:, order] + DAMPING * max(strength.mean(), 1e-12) * np.eye(
        len(order)
    )
    factor = np.linalg.cholesky(np.linalg.inv(curvature)).T  # upper triangle
    rest, rounded = levels[:, order].astype(np.float64), np.empty(levels.shape)
    for column in range(len(order)):
        rounded[:, column] = _nearest(rest[:, column])
        lost = (rest[:, column] - rounded[:, column]) / factor[column, column]
        rest[:, column + 1 :] -= np.outer(lost, factor[column, column + 1 :])
    return rounded[:, np.argsort(order)]
