"""Weights that were learned elsewhere, and which layers of a detector they are for."""

from dfd_tf.pretrained.networks import (
    backbone_and_head,
    licence_of_weights,
    load_pretrained,
    pretrained_layers,
    source_of,
)

__all__ = [
    "backbone_and_head",
    "licence_of_weights",
    "load_pretrained",
    "pretrained_layers",
    "source_of",
]
