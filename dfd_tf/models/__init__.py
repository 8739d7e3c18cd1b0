"""The architectures, one file each; importing this package fills the registry."""

import importlib
import pkgutil

from dfd_tf.models.registry import Architecture, architecture, build_model, list_detectors, register

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["Architecture", "architecture", "build_model", "list_detectors", "register"]
