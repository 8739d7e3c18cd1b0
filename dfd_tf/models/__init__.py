"""The architectures, one file each; importing this package fills the registry."""

from dfd_tf.models import amtenet as _amtenet  # noqa: F401
from dfd_tf.models.registry import Architecture, architecture, build_model, list_models, register

__all__ = ["Architecture", "architecture", "build_model", "list_models", "register"]
