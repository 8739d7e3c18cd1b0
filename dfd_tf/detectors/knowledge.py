"""A network that says beside its logit how far an image is from what it has learned."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from dfd_tf.backend import own_settings
from dfd_tf.detectors.features import feature_model
from dfd_tf.layers import NeighbourDistance


class Knowing:
    """A scorer whose answers are the logit and the two distances, (n, 3).

    Attributes:
        network: from pixels to the logit.
        answering: from pixels to all three.
    """

    def __init__(self, network: keras.Model, distances: keras.Model) -> None:
        """Put the two together.

        Args:
            network: a detector, or a head on frozen features.
            distances: of the features that `feature_model` finds in it, see `distance_model`.
        """
        self.network = network
        features = feature_model(network)
        answers = [network.output, distances(features.output)]
        with own_settings("float32"):
            said = layers.Concatenate(name="answers")(answers)
        self.answering = keras.Model(network.input, said)

    def graph(self) -> keras.Model:
        """The network by itself."""
        return self.network

    def predict_on_batch(self, squares: Any) -> Any:
        """Logit, distance from known reals and from known fakes, (n, 3)."""
        return self.answering.predict_on_batch(squares)


def distance_model(features: int, **sizes: int) -> keras.Model:
    """From vectors of so many features to their distances; the known photos are yet to be laid.

    Args:
        features: of a vector.
        sizes: arguments of `NeighbourDistance`.
    """
    vectors = keras.Input((features,), name="features")
    with own_settings("float32"):
        distances = NeighbourDistance(**sizes, name="known")(vectors)
    return keras.Model(vectors, distances, name="knowledge")
