"""AdamW whose rate is lower for some weights."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras
from keras import ops

UNDECAYED = ("bias", "gamma", "beta")


class TransferAdamW(keras.optimizers.Adam):
    """AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101) with a lower rate for a backbone.

    Keras' own scales by one rate and cannot be told otherwise; where nothing is slow, both do the
    same. Biases and the scales and offsets of normalisations do not decay.

    Args:
        learning_rate: number or schedule.
        decay: share of a weight that a step takes away, times the rate.
        slow: paths of the weights that learn slowly.
        share: their rate and decay as share of the others'.
        clip_norm: longest gradient over all weights; None for any.
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: float,
        *,
        slow: Collection[str] = (),
        share: float = 1.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, global_clipnorm=clip_norm)
        self.decay = decay
        self.slow = frozenset(slow)
        self.share = share

    def build(self, variables: list[Any]) -> None:
        """Create the moments of all weights and note how each is treated."""
        self.shares = tuple(self.share if v.path in self.slow else 1.0 for v in variables)
        self.decays = tuple(
            0.0 if any(part in v.name for part in UNDECAYED) else self.decay for v in variables
        )
        super().build(variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Shrink a weight, then move it by Adam's rule."""
        index = self._get_variable_index(variable)
        rate = ops.cast(learning_rate, variable.dtype) * self.shares[index]
        if self.decays[index]:
            self.assign_sub(variable, variable * (rate * self.decays[index]))
        super().update_step(gradient, variable, rate)
