"""The moving average of a model's weights, which usually generalises better than the last step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

# Updating every few steps with the decay to match costs next to nothing and averages as well.
STEPS_BETWEEN_UPDATES = 4


class WeightAverage(keras.callbacks.Callback):
    """Exponential moving average over steps, held outside the model on any backend.

    Early on the decay is smaller, (1 + t) / (10 + t), so that the random start is forgotten.

    Args:
        model: whose weights are averaged: all that are trainable now, and while they are frozen
            later.
        decay: share of the old average that one step keeps; 0 switches the average off.
        arrays: average to go on from, one array a trainable weight.
        step: number of steps already averaged.
    """

    def __init__(
        self,
        model: keras.Model,
        decay: float,
        arrays: list[NDArray[Any]] | None = None,
        step: int = 0,
    ) -> None:
        super().__init__()
        self.variables = list(model.trainable_variables)
        self.decay = decay
        self.arrays = arrays
        self.step = step

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Take the weights of every fourth step in."""
        self.step += 1
        if self.decay and self.step % STEPS_BETWEEN_UPDATES == 0:
            if keras.backend.backend() == "jax":
                # Within an epoch the trainer keeps the weights; the variables are empty.
                self.model.jax_state_sync()
            self.update()

    def update(self) -> None:
        """Move the average towards the weights."""
        weights = values(self.variables)
        if self.arrays is None:
            self.arrays = weights
            return
        decay = min(self.decay, (1 + self.step) / (10 + self.step)) ** STEPS_BETWEEN_UPDATES
        for average, weight in zip(self.arrays, weights, strict=True):
            average += (1 - decay) * (weight - average)

    @contextmanager
    def in_model(self) -> Iterator[None]:
        """Put the average into the model for a while."""
        if self.arrays is None:
            yield
            return
        kept = values(self.variables)
        assign(self.variables, self.arrays)
        try:
            yield
        finally:
            assign(self.variables, kept)


def values(variables: list[Any]) -> list[NDArray[Any]]:
    """Copies of the variables' values, in order."""
    return [np.copy(keras.ops.convert_to_numpy(variable)) for variable in variables]


def assign(variables: list[Any], arrays: list[NDArray[Any]]) -> None:
    """Set variables from arrays of the same shapes, in order."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
