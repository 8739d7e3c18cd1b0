"""Reusable Keras layers, on any Keras backend."""

from dfd_tf.layers.amten import AMTEN
from dfd_tf.layers.cbam import CBAM

__all__ = ["AMTEN", "CBAM"]
