"""Weights that were learned elsewhere, and which layers of a detector they are for."""

from dfd_tf.pretrained.networks import (
    licence_of_weights,
    load_pretrained,
    parted,
    pretrained_layers,
    source_of,
)

__all__ = ["licence_of_weights", "load_pretrained", "parted", "pretrained_layers", "source_of"]
