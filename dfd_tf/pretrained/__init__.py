"""First weights from ImageNet, and which layers of a detector they are for."""

from dfd_tf.pretrained.imagenet import licence_of_weights, load_imagenet, pretrained_layers

__all__ = ["licence_of_weights", "load_imagenet", "pretrained_layers"]
