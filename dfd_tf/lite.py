"""The light engine: a detector's LiteRT file, run without TensorFlow."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "model.tflite"


def lite_is_installed() -> bool:
    """Whether the extra `lite` is there."""
    return importlib.util.find_spec("ai_edge_litert") is not None


class LiteModel:
    """A LiteRT file with the call of a Keras model, for `dfd_tf.scoring`.

    Attributes:
        squares_per_call: the file takes one square at a time, so nothing need be padded.
    """

    squares_per_call = 1

    def __init__(self, content: bytes, threads: int | None = None) -> None:
        """Prepare the file.

        Args:
            content: of the file, from pixels in [0, 255], float32 of shape (1, size, size, 3).
            threads: of one inference; default: as many as there are cores.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(
            model_content=content, num_threads=threads or os.cpu_count()
        )
        self._interpreter.allocate_tensors()  # now, so that its notice comes while loading
        self._run: Any = self._interpreter.get_signature_runner("serving_default")

    def predict_on_batch(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits, shape (1, 1), of one square, shape (1, size, size, 3)."""
        return np.asarray(self._run(pixels=squares)["logit"])
