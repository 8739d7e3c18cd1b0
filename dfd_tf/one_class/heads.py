"""Heads that make a one-class detector of features, from a vector (batch, n) to a logit."""

from __future__ import annotations

from typing import Any

from keras import layers

from dfd_tf.one_class.scores import LogScore, SquaredDistance
from dfd_tf.one_class.typicality import Departure, PrincipalError, Side

NORM = "seen_norm"


def sphere_head(x: Any, hidden: int, dimensions: int, dropout: float) -> Any:
    """Deep SVDD and DeepSAD of features: no layer has a bias, none is bounded.

    Args:
        x: the features.
        hidden: units of the hidden layer.
        dimensions: of the space that the centre lies in.
        dropout: share of the features dropped in training.
    """
    x = _standardise(x)
    x = layers.Dropout(dropout, name="seen_dropout")(x)
    x = layers.Dense(hidden, use_bias=False, name="hidden")(x)
    x = layers.LeakyReLU(0.01, name="hidden_relu")(x)
    x = layers.Dense(dimensions, use_bias=False, name="embedding")(x)
    return LogScore(name="logit")(SquaredDistance(name="distance")(x))


def typicality_head(x: Any, rank: int, side: Side) -> Any:
    """How the part of the features that principal components leave departs from the usual.

    Args:
        x: the features.
        rank: number of the components, see `PrincipalError`.
        side: see `Departure`.
    """
    x = PrincipalError(rank, name="error")(_standardise(x))
    return LogScore(name="logit")(Departure(side, name="departure")(x))


def _standardise(x: Any) -> Any:
    return layers.BatchNormalization(center=False, scale=False, name=NORM)(x)
