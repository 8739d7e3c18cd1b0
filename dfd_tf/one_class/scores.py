"""The scores of one-class detectors as layers: errors, a distance, and their way to a logit.

All compute in float32, whatever the precision policy.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from dfd_tf.errors import UserError
from dfd_tf.layers import HighPass

ErrorKind = Literal["mse", "rmse", "ssim", "high_pass"]

SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
SSIM_RANGE = 2.0  # of traces in [-1, 1]
TINY = 1e-12


@keras.saving.register_keras_serializable(package="dfd_tf")
class ReconstructionError(keras.layers.Layer):
    """How far a copy is from its original: two tensors of one shape in, (batch, 1) out, ≥ 0.

    Args:
        kind: "mse": mean square of the differences; "rmse": its root; "ssim": 1 − the mean
            structural similarity (Wang et al. 2004, Gaussian window of 11, values of range 2);
            "high_pass": mean square of what the differences keep after a 3x3 binomial blur is
            taken away, the scale at which forensic traces live.
    """

    def __init__(self, kind: ErrorKind = "mse", dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.kind = kind
        self.high_pass = HighPass("blur")

    def build(self, input_shape: Any) -> None:
        """Nothing to create."""
        self.high_pass.build(input_shape[0])
        self.built = True

    def call(self, pair: tuple[Any, Any]) -> Any:
        """Return the error of each example."""
        original, copy = pair
        if self.kind == "ssim":
            return _per_example(1.0 - structural_similarity(original, copy))
        difference = original - copy
        if self.kind == "high_pass":
            difference = self.high_pass(difference)
        error = _per_example(ops.square(difference))
        return ops.sqrt(error + TINY) if self.kind == "rmse" else error

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """One number an example."""
        return (input_shape[0][0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "kind": self.kind}


def structural_similarity(one: Any, other: Any) -> Any:
    """Map of the structural similarity of (batch, h, w, c) maps, h and w at least 11.

    Raises:
        UserError: the maps are smaller than the window.
    """
    if min(one.shape[1:3]) < SSIM_WINDOW:
        raise UserError(
            f"the error 'ssim' needs maps of at least {SSIM_WINDOW} a side, got {one.shape[1:3]}; "
            "choose 'mse', or another trace."
        )
    stabilise_mean, stabilise_variance = (0.01 * SSIM_RANGE) ** 2, (0.03 * SSIM_RANGE) ** 2
    mean, other_mean = _window(one), _window(other)
    variance = _window(one * one) - mean**2
    other_variance = _window(other * other) - other_mean**2
    covariance = _window(one * other) - mean * other_mean
    means = (2 * mean * other_mean + stabilise_mean) / (mean**2 + other_mean**2 + stabilise_mean)
    return (
        means
        * (2 * covariance + stabilise_variance)
        / (variance + other_variance + stabilise_variance)
    )


def _window(maps: Any) -> Any:
    place = np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2
    line = np.exp(-(place**2) / (2 * SSIM_SIGMA**2))
    kernel = np.outer(line, line) / line.sum() ** 2
    kernel = np.repeat(kernel[:, :, None, None], maps.shape[-1], axis=2).astype("float32")
    return ops.depthwise_conv(maps, kernel, padding="valid")


def _per_example(values: Any) -> Any:
    return ops.mean(values, axis=tuple(range(1, len(values.shape))))[:, None]


@keras.saving.register_keras_serializable(package="dfd_tf")
class SquaredDistance(keras.layers.Layer):
    """Squared distance of an embedding (batch, n) to a fixed centre: (batch, 1).

    The centre is a weight that no gradient moves; it is laid by whoever trains the detector. It
    starts away from zero, which a network without biases could reach by forgetting its input.
    """

    def __init__(self, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the centre."""
        start = keras.initializers.Constant(0.1)
        self.centre = self.add_weight(
            shape=(input_shape[-1],), initializer=start, trainable=False, name="centre"
        )
        self.built = True

    def call(self, embedding: Any) -> Any:
        """Return the distances."""
        return ops.sum(ops.square(embedding - self.centre), axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One number an example."""
        return (input_shape[0], 1)


@keras.saving.register_keras_serializable(package="dfd_tf")
class LogScore(keras.layers.Layer):
    """From an error or distance s ≥ 0 to a logit: slope · (log s − location).

    The logarithm changes no ranking and tames the long tail of distances, which would otherwise
    all be calibrated to 1. Location and slope are weights that no gradient moves: 0 and 1 until
    they are fitted to validation scores. With the location 2 log R the logit is positive exactly
    where the soft-boundary score d − R² is.
    """

    def __init__(self, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create location and slope."""
        self.location = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="location"
        )
        self.slope = self.add_weight(shape=(), initializer="ones", trainable=False, name="slope")
        self.built = True

    def call(self, scores: Any) -> Any:
        """Return the logits."""
        return self.slope * (ops.log(scores + TINY) - self.location)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape
