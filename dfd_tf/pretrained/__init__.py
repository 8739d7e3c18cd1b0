"""Weights that were learned elsewhere: where they are, and which layers of ours they are for."""

from dfd_tf.pretrained.record import IMAGENET, Pretrained
from dfd_tf.pretrained.sources import (
    KerasApplication,
    PublishedFile,
    TorchWheel,
    TransformerWheel,
    Wheel,
)

__all__ = [
    "IMAGENET",
    "KerasApplication",
    "Pretrained",
    "PublishedFile",
    "TorchWheel",
    "TransformerWheel",
    "Wheel",
]
