"""Tell whether a face image is real or fake, how surely, and where it shows."""

__version__ = "0.1.0"

DEFAULT_MODEL = "efficientnet_lite0"  # the shipped detector that is used where none is named
