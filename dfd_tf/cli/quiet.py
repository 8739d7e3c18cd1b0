"""TensorFlow's start-up notices kept from people who came for a verdict."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


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


@contextmanager
def native_silence() -> Iterator[None]:
    """Set the error stream itself aside for the moment.

    Notices of C++ libraries come before any log level is heeded. Python's own errors are raised
    as ever.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
