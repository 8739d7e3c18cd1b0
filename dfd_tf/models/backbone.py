"""Put pretrained weights into a detector, and part it where they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
from numpy.typing import NDArray

from dfd_tf.errors import UserError
from dfd_tf.layers import Tokens
from dfd_tf.models.registry import architecture, list_detectors
from dfd_tf.pretrained.places import at_places
from dfd_tf.pretrained.record import Pretrained
from dfd_tf.pretrained.sources import PublishedFile, WeightsMissing


def pretrained_layers(model: keras.Model, name: str) -> list[str]:
    """Names of the layers that `load_pretrained` fills: the backbone.

    Args:
        model: a detector.
        name: its architecture.

    Raises:
        UserError: there are no weights for this architecture.
    """
    return list(_find(name).weight_map(model))


def licence_of_weights(name: str) -> str:
    """Terms of the pretrained weights of an architecture, for a model card."""
    return _find(name).source.licence


def source_of(name: str, arguments: Mapping[str, Any]) -> str | None:
    """Where the pretrained weights of a network come from; None where bundles hold them."""
    source = _find(name).source_for(arguments)
    return None if isinstance(source, PublishedFile) else source.name


def load_pretrained(
    model: keras.Model, name: str, arguments: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Fill a detector's backbone with pretrained weights; the rest stays as it is.

    Args:
        model: a detector, built under any dtype policy.
        name: its architecture.
        arguments: those that it was built with, which may name the weights.

    Raises:
        UserError: there are no weights for this architecture or none for its arguments, or they
            are not here; the message says how to get them.
    """
    pretrained = _find(name)
    source = pretrained.source_for(arguments)
    if isinstance(source, PublishedFile):
        source.fill(model, source.verified())
        return
    try:
        weights = source.load()
    except WeightsMissing as error:
        raise UserError(f"{error} Get them once by: dfd fetch {name}") from None
    for ours, theirs in pretrained.weight_map(model).items():
        layer = model.get_layer(ours)
        arrays = _fitted(weights.get(theirs, []), layer)
        wanted = [tuple(weight.shape) for weight in layer.weights]
        found = [array.shape for array in arrays]
        if wanted != found:
            raise UserError(
                f"The pretrained weights of {name!r} do not fit model.args: layer {ours!r} needs "
                f"{wanted}, found {found or 'none'}. Leave the arguments that change the network "
                "at their defaults, or leave train.init out."
            )
        layer.set_weights(arrays)


def _fitted(arrays: Sequence[NDArray[Any]], layer: keras.Layer) -> Sequence[NDArray[Any]]:
    """Weights for a layer; those of places at the number that it has."""
    if not isinstance(layer, Tokens) or not arrays:
        return arrays
    class_token, places = arrays
    return [class_token, at_places(places, layer.places.shape[0])]


def backbone_and_head(model: keras.Model, name: str) -> tuple[keras.Model, keras.Model]:
    """The backbone of a detector, from pixels to features, and the rest, from there to the logit.

    Both share the detector's layers, so what one of them learns the detector knows.

    Args:
        model: a detector.
        name: its architecture.

    Raises:
        UserError: no backbone is known for it, or layers that are not pretrained lie within.
    """
    features = model.get_layer(_find(name).features).output
    backbone = keras.Model(model.input, features)
    new = {layer.name for layer in backbone.layers if layer.weights}
    new -= set(pretrained_layers(model, name))
    if new:
        raise UserError(
            f"{sorted(new)} lie within the pretrained layers of {name!r} and would never learn. "
            "Let train.freeze_epochs be smaller than train.epochs, or leave them out."
        )
    return backbone, keras.Model(features, model.output)


def _find(name: str) -> Pretrained:
    found = architecture(name).weights
    if found is None:
        known = [other for other in list_detectors() if architecture(other).weights]
        raise UserError(
            f"No pretrained layers are known for {name!r}; they are for {known}. "
            "Leave train.freeze_epochs, train.backbone_rate and train.init: pretrained out."
        )
    return found
