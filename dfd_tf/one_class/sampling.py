"""The random step of a variational autoencoder."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dfd_tf")
class Sampling(keras.layers.Layer):
    """Draw from the normal distribution that [mean, log variance] describe; (batch, n) each.

    Only in training, where the divergence from the standard normal distribution,
    −½ Σ (1 + log σ² − μ² − σ²) averaged over the batch, joins the loss. Otherwise the mean passes
    as it is, so that a score is the same twice.

    Args:
        seed: of the draws.
    """

    def __init__(self, seed: int = 0, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, moments: tuple[Any, Any], training: bool | None = None) -> Any:
        """Return the draws, or the means."""
        mean, log_variance = moments
        if not training:
            return mean
        self.add_loss(divergence(mean, log_variance))
        noise = keras.random.normal(ops.shape(mean), seed=self.generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the mean."""
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "seed": self.seed}


def divergence(mean: Any, log_variance: Any) -> Any:
    """Kullback-Leibler divergence from the standard normal distribution, mean over the batch."""
    terms = 1.0 + log_variance - ops.square(mean) - ops.exp(log_variance)
    return -0.5 * ops.mean(ops.sum(terms, axis=-1))
