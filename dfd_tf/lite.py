"""LiteRT: the light engine, a detector's LiteRT file run without TensorFlow."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, local
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "model.tflite"
ANSWERS = ("logit", "distances")
_STREAM = RLock()


def lite_is_installed() -> bool:
    """Whether the extra `lite` is there."""
    return importlib.util.find_spec("ai_edge_litert") is not None


def start_interpreter(content: bytes, threads: int | None = None) -> Any:
    """Start LiteRT on a file's content, without its notices; ready to be invoked."""
    from ai_edge_litert.interpreter import Interpreter

    with native_silence():
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter


@contextmanager
def native_silence() -> Iterator[None]:
    """Set the error stream itself aside for the moment.

    Notices of C++ libraries come before any log level is heeded. Python's own errors are raised
    as ever. The stream is the whole process's: of several threads one at a time has it, or the
    last to give it back would give back what another had put there.
    """
    with _STREAM:
        yield from _set_aside()


def _set_aside() -> Iterator[None]:
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class LiteModel:
    """A LiteRT file with the call of a Keras model, for `dfd_tf.detectors.scoring`.

    It may be called from several threads: each gets an interpreter of its own, which keeps more
    cores busy, and with less ado, than the threads of one interpreter do.

    Attributes:
        squares_per_call: the file takes one square at a time, so nothing need be padded.
    """

    squares_per_call = 1

    def __init__(self, content: bytes, threads: int = 1) -> None:
        """Prepare the file.

        Args:
            content: of the file, from pixels in [0, 255], float32 of shape (1, size, size, 3), or
                from samples in [-1, 1], (1, size).
            threads: of one inference; the logits do not depend on it.
        """
        self._content, self._threads = content, threads
        self._own = local()
        self._runner()  # a damaged file is known now

    def predict_on_batch(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logit of one input, see `__init__`, and distances if the file measures them.

        Returns:
            Shape (1, 1) or (1, 3), see `dfd_tf.types.Scorer`.
        """
        run = self._runner()
        said = run(**{self._own.input: squares})
        return np.concatenate([said[name] for name in ANSWERS if name in said], axis=-1)

    def _runner(self) -> Any:
        """What runs the file in this thread."""
        if not hasattr(self._own, "run"):
            # The runner does not keep its interpreter alive.
            self._own.interpreter = start_interpreter(self._content, self._threads)
            self._own.run = self._own.interpreter.get_signature_runner("serving_default")
            (self._own.input,) = self._own.run.get_input_details()
        return self._own.run
