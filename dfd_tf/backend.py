"""Keras and the library it computes with, started without notices meant for their developers."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from dfd_tf.errors import UserError
from dfd_tf.lite import native_silence


def start_keras() -> None:
    """Import Keras and the library it computes with, without notices.

    That is what KERAS_BACKEND names; else TensorFlow, or JAX where only that is installed. What
    ``~/.keras/keras.json`` says, mostly left behind by another project, counts for nothing here.
    """
    only_jax = not find_spec("tensorflow") and find_spec("jax")
    os.environ.setdefault("KERAS_BACKEND", "jax" if only_jax else "tensorflow")
    is_first = "keras" not in sys.modules
    _import_quietly("keras")
    if is_first:
        import keras

        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")


@contextmanager
def own_settings(policy: str | None = None) -> Iterator[None]:
    """Build networks as they are meant, whatever the surrounding program has set.

    Args:
        policy: dtype policy of the layers that are made inside; None leaves the one that is set.
    """
    import keras

    kept = keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(policy or kept[1])
    try:
        yield
    finally:
        keras.config.set_image_data_format(kept[0])
        keras.config.set_dtype_policy(kept[1])


def start_tensorflow() -> None:
    """Import TensorFlow without its notices, and Keras on it, for what no other library can do.

    Raises:
        UserError: Keras is to compute with another library.
    """
    _import_quietly("tensorflow")
    start_keras()
    import keras

    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise UserError(
            f"this needs Keras' TensorFlow backend, but KERAS_BACKEND says "
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
