"""A LiteRT file of a given size that changes the scores least.

Traces live in the first layers, which are small and to which scores are a hundred times as
sensitive as to the last ones, which are large. So how much the logits move is measured for every
layer and type on real images, and the bytes go where they save most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf.detectors.scoring import answers_of_squares
from dfd_tf.errors import UserError
from dfd_tf.exporting.kernels import Kernel, Stored, find_kernels, store, unpack, with_values
from dfd_tf.exporting.rounding import input_moments, to_int8
from dfd_tf.lite import LiteModel
from dfd_tf.progress import tracked

N_PROBES = 64
# A tensor's and an operation's record in the file, rounded up.
BYTES_PER_RECORD = 400


class Choice(NamedTuple):
    """A way to store a layer's weights, and what it does.

    Attributes:
        stored: the weights.
        error: mean square change of the logit, and of the distances in shares of themselves, if
            this layer alone is stored so.
    """

    stored: Stored
    error: float


def quantize_weights(
    content: bytes,
    squares: NDArray[np.uint8],
    max_bytes: int,
    *,
    progress: bool = False,
) -> bytes:
    """Store each layer's weights in int8, float16 or float32 so that the file fits.

    Args:
        content: of a float32 file.
        squares: real training inputs, uint8, shape (n, size, size, 3).
        max_bytes: of the file.
        progress: show a progress bar.

    Raises:
        UserError: the file cannot be as small.
    """
    kernels = find_kernels(unpack(content))
    fixed = len(content) - sum(kernel.values.nbytes for kernel in kernels)
    fixed += BYTES_PER_RECORD * len(kernels)
    least = fixed + sum(to_int8(kernel).size for kernel in kernels)
    if least > max_bytes:
        raise UserError(
            f"with weights of eight bits this detector takes {least / 1e6:.2f} MB and cannot fit "
            f"into {max_bytes / 1e6:.2f} MB: raise --max-mb."
        )
    choices = _measure(content, kernels, squares, progress=progress)
    taken = choose([choices[kernel.tensor] for kernel in kernels], max_bytes - fixed)
    return store(
        content,
        {
            kernel.tensor: (kernel, choice.stored)
            for kernel, choice in zip(kernels, taken, strict=True)
        },
    )


def choose(choices: Sequence[Sequence[Choice]], budget: int) -> list[Choice]:
    """For each layer one of its choices, their sizes together within the budget.

    Errors of layers are nearly independent, so their squares add up. Every layer starts at its
    smallest; then, again and again, the change that lowers the error most for its bytes is made.
    """
    taken = [min(some, key=lambda choice: choice.stored.size) for some in choices]
    left = budget - sum(choice.stored.size for choice in taken)
    while upgrades := [
        ((taken[layer].error - choice.error) / cost, layer, choice)
        for layer, some in enumerate(choices)
        for choice in some
        if 0 < (cost := choice.stored.size - taken[layer].stored.size) <= left
        and choice.error < taken[layer].error
    ]:
        _, layer, choice = max(upgrades, key=lambda upgrade: upgrade[0])
        left -= choice.stored.size - taken[layer].stored.size
        taken[layer] = choice
    return taken


def _measure(
    content: bytes,
    kernels: Sequence[Kernel],
    squares: NDArray[np.uint8],
    *,
    progress: bool,
) -> Mapping[int, list[Choice]]:
    moments = input_moments(content, kernels, squares)
    probes = squares[np.linspace(0, len(squares) - 1, min(N_PROBES, len(squares))).astype(int)]
    expected = answers_of_squares(LiteModel(content), probes)
    units = np.column_stack([np.ones(len(probes)), expected[:, 1:]])

    def choice(kernel: Kernel, stored: Stored) -> Choice:
        changed = LiteModel(with_values(content, kernel, stored.values()))
        apart = (answers_of_squares(changed, probes) - expected) / units
        return Choice(stored, float(np.mean(np.sum(apart**2, axis=1))))

    bar = tracked(kernels, len(kernels), "choosing bits", unit="layers", shown=progress)
    return {
        kernel.tensor: [
            Choice(Stored(kernel.values), 0.0),
            choice(kernel, Stored(kernel.values.astype(np.float16))),
            choice(kernel, to_int8(kernel, moments.get(kernel.tensor))),
        ]
        for kernel in bar
    }
