"""A network that says beside its logit how far an image is from what it has learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras import layers

from dfd_tf.backend import own_settings
from dfd_tf.detectors.features import feature_model
from dfd_tf.detectors.files import compress, read_verified, sha256
from dfd_tf.detectors.info import Knowledge
from dfd_tf.layers import NeighbourDistance

KNOWLEDGE_FILE = "knowledge.keras"


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


def write_knowledge(folder: Path, known: keras.Model) -> Knowledge:
    """Write the features of known photos, and say what is needed to read them."""
    known.save(folder / KNOWLEDGE_FILE)
    compress(folder / KNOWLEDGE_FILE)
    layer = known.get_layer("known")
    return Knowledge(
        features=known.input.shape[-1],
        rank=layer.rank,
        reals=layer.reals,
        fakes=layer.fakes,
        neighbours=layer.neighbours,
        sha256=sha256((folder / KNOWLEDGE_FILE).read_bytes()),
    )


def read_knowledge(folder: Path, knowledge: Knowledge) -> keras.Model:
    """The distances that a bundle holds.

    Raises:
        UserError: the file is missing, or not the one that detector.json describes.
    """
    read_verified(folder / KNOWLEDGE_FILE, knowledge.sha256)
    model = distance_model(**knowledge.model_dump(exclude={"sha256"}))
    model.load_weights(folder / KNOWLEDGE_FILE)
    return model
