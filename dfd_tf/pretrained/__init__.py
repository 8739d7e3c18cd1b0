"""Weights that were learned elsewhere: where they are, and which layers of ours they are for."""

from dfd_tf.pretrained.record import IMAGENET, Pretrained
from dfd_tf.pretrained.sources import ClipWheel, KerasApplication, TorchWheel

__all__ = ["IMAGENET", "ClipWheel", "KerasApplication", "Pretrained", "TorchWheel"]
