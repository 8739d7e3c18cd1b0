"""First weights from ImageNet, and which layers of a detector they are for."""

from dfd_tf.pretrained.imagenet import load_imagenet, pretrained_layers

__all__ = ["load_imagenet", "pretrained_layers"]
