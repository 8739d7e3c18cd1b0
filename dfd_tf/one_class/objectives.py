"""What one-class detectors are trained for, as Keras models around a detector.

Each shares its detector's weights, states its loss in `compute_loss` and is trained by
`model.fit` on (images, labels): fake = 1, real = 0. The detector itself gives the scores.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

EPSILON = 1e-6
# Keeps the pull on a fake that lies in the centre within what half precision can hold.
NEAREST = 1e-3
CENTRE_MARGIN = 0.1
RADIUS_MEMORY = 0.9


class Objective(keras.Model):
    """A detector with those of its tensors that a loss needs.

    Args:
        detector: a one-class detector.
        names: of the layers whose outputs the loss needs.
        entry: tensor of the detector that the batches hold; by default its input.
    """

    def __init__(self, detector: keras.Model, names: tuple[str, ...], entry: Any = None) -> None:
        super().__init__(autocast=False)
        outputs = {name: detector.get_layer(name).output for name in names}
        self.graph = keras.Model(detector.input if entry is None else entry, outputs)

    def call(self, pixels: Any, training: bool | None = None) -> dict[str, Any]:
        """Return the tensors by the names of their layers."""
        return self.graph(pixels, training=training)


class Reconstruction(Objective):
    """Train an autoencoder: the squared error summed over an image, averaged over the batch.

    What layers add on their own, such as the divergence of a variational one, is added; so is the
    error of a second encoder, where the detector has one.
    """

    def __init__(self, detector: keras.Model) -> None:
        self.has_second_encoder = any(x.name == "again_embedding" for x in detector.layers)
        second = ("embedding", "again_embedding") if self.has_second_encoder else ()
        super().__init__(detector, ("trace", "decoder_reconstruction", *second))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of a batch."""
        errors = summed_errors(y_pred["trace"], y_pred["decoder_reconstruction"])
        if self.has_second_encoder:
            errors += summed_errors(y_pred["embedding"], y_pred["again_embedding"])
        return ops.mean(errors) + sum(self.losses)


class Pretraining(Objective):
    """Train a detector's layers up to its embedding as the encoder of an autoencoder.

    Args:
        detector: with layers "trace" and "embedding".
        decoder: model from the embedding to the shape of the trace.
    """

    def __init__(self, detector: keras.Model, decoder: keras.Model) -> None:
        super().__init__(detector, ("trace", "embedding"))
        self.decoder = decoder

    def call(self, pixels: Any, training: bool | None = None) -> dict[str, Any]:
        """Return trace and reconstruction."""
        found = super().call(pixels, training=training)
        copy = self.decoder(found["embedding"], training=training)
        return {"trace": found["trace"], "reconstruction": copy}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of a batch; fakes in it are not to be learned."""
        is_real = 1.0 - ops.reshape(ops.cast(y, "float32"), (-1,))
        errors = is_real * summed_errors(y_pred["trace"], y_pred["reconstruction"])
        return ops.sum(errors) / ops.maximum(ops.sum(is_real), 1.0)


class DataDescription(Objective):
    """Deep SVDD, hard or soft, and with labelled fakes DeepSAD.

    Args:
        detector: with a layer "distance", a `SquaredDistance` whose centre is laid.
        soft: train a sphere that holds the share 1 − ν of the real photos, not their mean.
        nu: ν in (0, 1], the share that may lie outside.
        eta: weight of a labelled fake, against 1 of a photo.
        l2: λ, weight decay as a term of the loss.
        warmup_steps: batches before the radius of the soft boundary leaves 0.
        entry: tensor of the detector that the batches hold, such as the features of its frozen
            layers; by default its input.
    """

    def __init__(
        self,
        detector: keras.Model,
        *,
        soft: bool = False,
        nu: float = 0.1,
        eta: float = 1.0,
        l2: float = 1e-6,
        warmup_steps: int = 0,
        entry: Any = None,
    ) -> None:
        super().__init__(detector, ("distance",), entry)
        self.soft, self.nu, self.eta, self.l2 = soft, nu, eta, l2
        self.warmup_steps = warmup_steps
        self.radius = self._state("radius", "mean")
        self.step = self._state("step", "only_first_replica")

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of a batch; in training of a soft boundary, move the radius after it."""
        distances = ops.reshape(y_pred["distance"], (-1,))
        is_fake = ops.reshape(ops.cast(y, "float32"), (-1,)) > 0.5
        if self.soft:
            loss = soft_boundary_loss(distances, self.radius, self.nu)
            if training:
                self._follow(distances)
        else:
            loss = semi_supervised_loss(distances, is_fake, self.eta)
        kernels = [ops.sum(ops.square(weight)) for weight in self.trainable_variables]
        return loss + 0.5 * self.l2 * sum(kernels)

    def _state(self, name: str, aggregation: str) -> Any:
        return self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="float32",
            trainable=False,
            aggregation=aggregation,
            name=name,
        )

    def _follow(self, distances: Any) -> None:
        """Move the radius to the (1 − ν)-quantile of the distances, averaged over batches."""
        self.step.assign_add(1.0)
        now = ops.quantile(ops.sqrt(ops.stop_gradient(distances)), 1.0 - self.nu)
        averaged = RADIUS_MEMORY * self.radius + (1.0 - RADIUS_MEMORY) * now
        moved = ops.where(self.radius > 0, averaged, now)
        self.radius.assign(ops.where(self.step > self.warmup_steps, moved, self.radius))


def summed_errors(original: Any, copy: Any) -> Any:
    """Squared error summed over each example of tensors of one shape: (batch,)."""
    squares = ops.square(ops.cast(original, "float32") - ops.cast(copy, "float32"))
    return ops.sum(squares, axis=tuple(range(1, len(squares.shape))))


def soft_boundary_loss(distances: Any, radius: Any, nu: float) -> Any:
    """R² + mean(max(0, d − R²)) / ν (Ruff et al. 2018) of squared distances d, (n,)."""
    outside = ops.maximum(distances - ops.square(radius), 0.0)
    return ops.square(radius) + ops.mean(outside) / nu


def semi_supervised_loss(distances: Any, is_fake: Any, eta: float = 1.0) -> Any:
    """Mean over a batch of d for photos and η / (d + ε) for fakes (DeepSAD, Ruff et al. 2020).

    Without fakes it is the loss of hard-boundary Deep SVDD.

    Args:
        distances: squared distances d to the centre, (n,).
        is_fake: booleans, (n,).
        eta: weight of the fakes.
    """
    pushed = eta / (ops.maximum(distances, NEAREST) + EPSILON)
    return ops.mean(ops.where(is_fake, pushed, distances))


def centre_of(embeddings: Any) -> Any:
    """Mean of embeddings (n, dimensions), no component nearer to zero than 0.1.

    A component of zero could be reached by weights of zero, which map everything to one point; an
    exact zero goes to +0.1.
    """
    mean = ops.mean(embeddings, axis=0)
    margin = ops.where(mean < 0, -CENTRE_MARGIN, CENTRE_MARGIN)
    return ops.where(ops.abs(mean) < CENTRE_MARGIN, margin, mean)
