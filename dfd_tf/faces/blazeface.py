"""BlazeFace, full range, through LiteRT: the network that sees faces.

It is Google's (MediaPipe, Apache-2.0; Bazarevsky et al. 2019, arXiv:1907.05047): a square of 192
pixels in, a box and six points for each of 48 x 48 places out.
"""

from __future__ import annotations

from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.lite import start_interpreter
from dfd_tf.types import Floats, Image

Boxes = NDArray[np.float64]  # left, top, width, height

MODEL = "blazeface_full_range.tflite"
INPUT = 192
GRID = 48
_LEVELS = np.arange(256, dtype=np.float32) / 127.5 - 1
# Centres of the network's cells in the square's pixels, row by row.
_PLACES = (np.indices((GRID, GRID))[::-1].reshape(2, -1).T + 0.5) * (INPUT / GRID)


class BlazeFace:
    """The network, for one thread."""

    def __init__(self) -> None:
        self._interpreter = start_interpreter(files("dfd_tf.faces").joinpath(MODEL).read_bytes())
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        self._boxes, self._scores = (
            next(o["index"] for o in outputs if o["shape"][-1] == width) for width in (16, 1)
        )
        self._square = np.empty((1, INPUT, INPUT, 3), np.float32)

    def __call__(self, inner: Image, scale: float, least: float) -> tuple[Boxes, Floats]:
        """Look at a picture amid black.

        Args:
            inner: RGB, uint8, not larger than the network's square.
            scale: of `inner` in pixels of the piece that it was shrunk from.
            least: confidence from which boxes are told.

        Returns:
            boxes in the piece's pixels, shape (n, 4), and their confidences, shape (n,).
        """
        height, width = inner.shape[:2]
        left, top = (INPUT - width) // 2, (INPUT - height) // 2
        self._square.fill(_LEVELS[0])
        self._square[0, top : top + height, left : left + width] = _LEVELS[inner]
        self._interpreter.set_tensor(self._input, self._square)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0].astype(np.float64)
        scores = 1 / (1 + np.exp(-np.clip(logits, -100, 100)))
        told = np.flatnonzero(scores >= least)
        raw = self._interpreter.get_tensor(self._boxes)[0, told, :4].astype(np.float64)
        size = raw[:, 2:]
        corner = raw[:, :2] + _PLACES[told] - size / 2
        return (np.hstack([corner, size]) - [left, top, 0, 0]) / scale, scores[told]


def shrunk(piece: Image, longer: float) -> tuple[Image, float]:
    """A piece of a photo brought to a length of its longer side, and the scale of that."""
    height, width = piece.shape[:2]
    scale = longer / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    filter_ = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, size, interpolation=filter_)), scale
