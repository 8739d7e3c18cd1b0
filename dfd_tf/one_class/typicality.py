"""How usual a vector of features is among those of real photos, in closed form.

A linear autoencoder, principal components, keeps what real photos differ in most. What it cannot
keep has a usual size. Nalisnick et al. ("Detecting Out-of-Distribution Inputs to Deep Generative
Models Using Typicality", 2019, arXiv:1906.02994) show that densities call simple strangers *more*
likely than anything known, so that a test has to look to both sides of the usual.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import keras
from keras import ops

from dfd_tf.errors import UserError

Side = Literal["near", "far", "both"]
TINY = 1e-12


@keras.saving.register_keras_serializable(package="dfd_tf")
class PrincipalError(keras.layers.Layer):
    """Mean square of what the leading directions leave of a vector (batch, n): (batch, 1), ≥ 0.

    The directions are a weight of shape (n, rank) that no gradient moves, zero until they are
    laid. It is stored in half precision, which changes the error by less than a thousandth.

    Args:
        rank: how many directions.
    """

    def __init__(self, rank: int, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.rank = rank

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the directions."""
        self.directions = self.add_weight(
            shape=(input_shape[-1], self.rank),
            initializer="zeros",
            dtype="float16",
            trainable=False,
            name="directions",
        )
        self.built = True

    def call(self, vectors: Any) -> Any:
        """Return the errors."""
        kept = ops.matmul(vectors, ops.cast(self.directions, "float32"))
        left = _energy(vectors) - _energy(kept)
        return ops.maximum(left, 0.0) / vectors.shape[-1]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One number an example."""
        return (input_shape[0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "rank": self.rank}


@keras.saving.register_keras_serializable(package="dfd_tf")
class Departure(keras.layers.Layer):
    """By which factor an error (batch, 1) departs from the usual one: a score, higher = stranger.

    Args:
        side: "far": error / usual, an anomaly as autoencoders have it; "near": usual / error, for
            what is more regular than photos are; "both": the larger of the two.

    Raises:
        UserError: no such side.
    """

    def __init__(self, side: Side = "both", dtype: Any = "float32", **kwargs: Any) -> None:
        if side not in get_args(Side):
            raise UserError(f"side is {side!r}: expected one of {list(get_args(Side))}.")
        super().__init__(dtype=dtype, **kwargs)
        self.side = side

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the usual error, 1 until it is laid."""
        self.usual = self.add_weight(shape=(), initializer="ones", trainable=False, name="usual")
        self.built = True

    def call(self, errors: Any) -> Any:
        """Return the factors."""
        factor = ops.maximum(errors, TINY) / self.usual
        if self.side == "far":
            return factor
        return 1.0 / factor if self.side == "near" else ops.maximum(factor, 1.0 / factor)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "side": self.side}


def _energy(vectors: Any) -> Any:
    return ops.sum(ops.square(vectors), axis=-1, keepdims=True)
