"""Keras and the library it computes with, started without notices meant for their developers."""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec

from dfd_tf.errors import UserError
from dfd_tf.lite import native_silence


def start_keras() -> None:
    """Import Keras and the library it computes with, without notices.

    That is what KERAS_BACKEND names; else TensorFlow, or JAX where only that is installed.
    """
    if not find_spec("tensorflow") and find_spec("jax"):
        os.environ.setdefault("KERAS_BACKEND", "jax")
    _import_quietly("keras")


def start_tensorflow() -> None:
    """Import TensorFlow without its notices, and Keras on it, for what no other library can do.

    Raises:
        UserError: Keras is to compute with another library.
    """
    _import_quietly("tensorflow")
    import keras

    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise UserError(
            f"this needs Keras' TensorFlow backend, but KERAS_BACKEND or keras.json says "
            f"{backend!r}. Run it with KERAS_BACKEND=tensorflow."
        )


def _import_quietly(name: str) -> None:
    """Import a library; a user who set TF_CPP_MIN_LOG_LEVEL sees everything."""
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        importlib.import_module(name)
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with native_silence():
        importlib.import_module(name)
