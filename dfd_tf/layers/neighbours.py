"""How far a vector of features is from those of known photos."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

TINY = 1e-12  # below it the slope of a square root would be without bound


@keras.saving.register_keras_serializable(package="dfd_tf")
class NeighbourDistance(keras.layers.Layer):
    """Mean distance of vectors (batch, n) to their nearest known reals and fakes: (batch, 2), ≥ 0.

    Distances are those after projection to a few leading directions (k-nearest neighbours as a test
    for the unknown: Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML
    2022, arXiv:2204.06507). All weights are laid, not learned, and the large ones kept in half
    precision, which halves the file.

    Args:
        rank: directions.
        reals: known real photos.
        fakes: known fake ones; where there are none, both distances are those to the reals.
        neighbours: over how many of the nearest the mean is taken.
    """

    def __init__(
        self,
        rank: int,
        reals: int,
        fakes: int,
        neighbours: int = 5,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.rank, self.reals, self.fakes, self.neighbours = rank, reals, fakes, neighbours

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        n = input_shape[-1]
        self.centre = self._laid((n,), "centre", "float32")
        self.scale = self.add_weight(shape=(), initializer="ones", trainable=False, name="scale")
        self.directions = self._laid((n, self.rank), "directions")
        self.known_reals = self._laid((self.reals, self.rank), "known_reals")
        self.known_fakes = self._laid((self.fakes, self.rank), "known_fakes")
        self.built = True

    def _laid(self, shape: tuple[int | None, ...], name: str, dtype: str = "float16") -> Any:
        return self.add_weight(
            shape=shape, initializer="zeros", dtype=dtype, trainable=False, name=name
        )

    def call(self, vectors: Any) -> Any:
        """Return the distances to known reals and to known fakes."""
        places = self.projected(vectors)
        real = self._distance(places, self.known_reals)
        fake = self._distance(places, self.known_fakes) if self.fakes else real
        return ops.concatenate([real, fake], axis=-1)

    def projected(self, vectors: Any) -> Any:
        """Where vectors (batch, n) lie along the directions: (batch, rank)."""
        centred = (ops.cast(vectors, "float32") - self.centre) / self.scale
        return ops.matmul(centred, ops.cast(self.directions, "float32"))

    def _distance(self, places: Any, known: Any) -> Any:
        known = ops.cast(known, "float32")
        squares = _energy(places) + ops.transpose(_energy(known))  # (batch, known)
        squares = squares - 2.0 * ops.matmul(places, ops.transpose(known))
        nearest = ops.top_k(-squares, min(self.neighbours, known.shape[0]))[0]
        return ops.mean(ops.sqrt(ops.maximum(-nearest, TINY)), axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Two numbers an example."""
        return (input_shape[0], 2)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        names = ("rank", "reals", "fakes", "neighbours")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _energy(vectors: Any) -> Any:
    return ops.sum(ops.square(vectors), axis=-1, keepdims=True)
