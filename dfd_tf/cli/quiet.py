"""TensorFlow's start-up notices kept from people who came for a verdict."""

from __future__ import annotations

import os


def start_tensorflow() -> None:
    """Import TensorFlow without its notices.

    They come from C++ before any log level is heeded, so the error stream itself is set aside
    for the moment. Python's own errors are raised as ever. A user who set TF_CPP_MIN_LOG_LEVEL
    sees everything.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        import tensorflow

        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
