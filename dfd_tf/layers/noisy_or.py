"""Several doubts as one, of which the strongest speaks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dfd_tf")
class NoisyOr(keras.layers.Layer):
    """The log-odds that not all of several are free of doubt: (batch, n) to (batch, 1).

    Each log-odds, scaled and measured from a level of its own, is a chance of a fake, and the
    answer that of at least one (Pearl 1988, "Probabilistic Reasoning in Intelligent Systems",
    section 4.3.2). Both arrays are laid, not learned.

    Args:
        least: below it a sum of doubts is not told apart from none, in float32.
    """

    def __init__(self, least: float = 1e-4, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.least = least

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create scales and levels."""
        shape = input_shape[-1:]
        self.scales = self.add_weight(shape=shape, initializer="ones", name="scales")
        self.levels = self.add_weight(shape=shape, initializer="zeros", name="levels")
        self.built = True

    def call(self, log_odds: Any) -> Any:
        """Return the joint log-odds."""
        doubts = ops.softplus(self.scales * (log_odds - self.levels))
        doubt = ops.maximum(ops.sum(doubts, axis=-1, keepdims=True), self.least)
        return doubt + ops.log(1.0 - ops.exp(-doubt))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One number an example."""
        return (input_shape[0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "least": self.least}
