"""A learned factor."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="dfd_tf")
class Gain(keras.layers.Layer):
    """Multiply by one learned scalar; any shape in, the same shape out.

    Args:
        initial: where the scalar starts.
    """

    def __init__(self, initial: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the scalar."""
        start = keras.initializers.Constant(self.initial)
        self.gain = self.add_weight(shape=(), initializer=start, name="gain")
        self.built = True

    def call(self, maps: Any) -> Any:
        """Return the maps times the scalar."""
        return maps * self.gain

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "initial": self.initial}
