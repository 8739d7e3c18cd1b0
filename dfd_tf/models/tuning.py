"""Let a pretrained backbone learn by its layer normalisations alone.

Everything else stays as published, so little can be forgotten and a detector is stored as what
changed. Yermakov et al. ("GenD"), WACV 2026, arXiv:2508.06248.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from dfd_tf.errors import UserError


def only_norms_learn(model: keras.Model, backbone: Sequence[str]) -> None:
    """Hold all of the backbone but the scales and offsets of its layer normalisations.

    Args:
        model: any detector; layers that are not the backbone's stay as they are.
        backbone: names of its pretrained layers.

    Raises:
        UserError: the backbone has no layer normalisations.
    """
    if not layer_norms(model, backbone):
        raise UserError(
            f"train.tune: layer_norm: the backbone of {model.name!r} has no layer normalisations. "
            "Leave train.tune out."
        )
    for name in backbone:
        layer = model.get_layer(name)
        norms = _norms_in(layer)
        for part in _parts(layer):
            # A layer that is held holds what is in it, and batch statistics with it.
            part.trainable = bool(_norms_in(part))
        learning = {id(weight) for norm in norms for weight in norm.weights}
        for weight in layer.weights:
            weight.trainable = id(weight) in learning


def layer_norms(model: keras.Model, backbone: Sequence[str]) -> list[keras.Layer]:
    """The layer normalisations of a backbone, within its layers too, in order."""
    return [norm for name in backbone for norm in _norms_in(model.get_layer(name))]


class Changed(keras.Model):
    """What is stored of a detector whose backbone learned by its normalisations alone.

    A container of layers that no graph joins; it is saved and its weights loaded, never called.

    Args:
        model: the detector.
        backbone: names of its pretrained layers.
    """

    def __init__(self, model: keras.Model, backbone: Sequence[str]) -> None:
        super().__init__(name="changed")
        new = [layer for layer in model.layers if layer.weights and layer.name not in backbone]
        self.changed = [*new, *layer_norms(model, backbone)]
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Nothing: a bundle's network is built from detector.json."""
        return {}


def _norms_in(layer: keras.Layer) -> list[keras.Layer]:
    return [part for part in _parts(layer) if isinstance(part, keras.layers.LayerNormalization)]


def _parts(layer: keras.Layer) -> list[keras.Layer]:
    """A layer and all that it is made of, from the outside in."""
    return list(layer._flatten_layers())  # Keras has no public word for it
