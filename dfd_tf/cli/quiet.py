"""TensorFlow's start-up notices kept from people who came for a verdict."""

from __future__ import annotations

import os

from dfd_tf.lite import native_silence


def start_tensorflow() -> None:
    """Import TensorFlow without its notices.

    A user who set TF_CPP_MIN_LOG_LEVEL sees everything.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        import tensorflow

        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with native_silence():
        import tensorflow  # noqa: F401
