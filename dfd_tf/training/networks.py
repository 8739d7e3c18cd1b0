"""The network of a run, with the weights it starts from."""

from __future__ import annotations

import keras

from dfd_tf.backend import own_settings
from dfd_tf.config import PRETRAINED, RunConfig
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.models.backbone import load_pretrained


def start_network(config: RunConfig, precision: str) -> keras.Model:
    """Build the network and give it the weights that `train.init` names, if any."""
    model = build_network(config, precision)
    if config.train.init:
        _take_weights(model, config)
    return model


def build_network(config: RunConfig, precision: str) -> keras.Model:
    """Build the network under a dtype policy, with random weights."""
    with own_settings(precision):
        return build_model(config.model.name, **config.model.args)


def in_float32(config: RunConfig, model: keras.Model) -> keras.Model:
    """The same network with the same weights, computing in float32."""
    again = build_network(config, "float32")
    again.set_weights(model.get_weights())
    return again


def mixed_with_init(config: RunConfig, model: keras.Model) -> keras.Model:
    """The network with `train.keep_init` of the weights that it started from.

    Between a detector and what it became by learning something new lie networks that know both
    (Wortsman et al. 2022, arXiv:2109.01903).
    """
    if share := config.train.keep_init:
        trained = model.get_weights()
        _take_weights(model, config)
        pairs = zip(model.get_weights(), trained, strict=True)
        model.set_weights([share * first + (1 - share) * last for first, last in pairs])
    return model


def _take_weights(model: keras.Model, config: RunConfig) -> None:
    where = str(config.train.init)
    if where == PRETRAINED:
        load_pretrained(model, config.model.name, config.model.args)
        return
    trained = load_detector(where, engine="keras").network
    try:
        model.set_weights(trained.get_weights())
    except ValueError as error:
        raise UserError(f"train.init: the weights of {where!r} do not fit: {error}") from None
