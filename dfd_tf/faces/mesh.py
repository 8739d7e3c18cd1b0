"""The face mesh through LiteRT: 468 points of a face, of which those of the lips are used.

It is Google's (MediaPipe, Apache-2.0; Kartynnik et al. 2019, arXiv:1907.06724): a square of 192
pixels around an upright face in, points in its pixels out.
"""

from __future__ import annotations

from importlib.resources import files

import cv2
import numpy as np

from dfd_tf.faces.finder import Face
from dfd_tf.lite import start_interpreter
from dfd_tf.types import Floats, Image

MODEL = "face_landmark.tflite"
INPUT = 192
POINTS = 468
FRAMED = 1.5  # side of the square in sides of a box that the finder tells
_UPPER_LIP, _LOWER_LIP, _BROW, _CHIN = 13, 14, 10, 152


class FaceMesh:
    """The network, for one thread."""

    def __init__(self) -> None:
        self._interpreter = start_interpreter(files("dfd_tf.faces").joinpath(MODEL).read_bytes())
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._points = next(
            output["index"]
            for output in self._interpreter.get_output_details()
            if output["shape"][-1] == 3 * POINTS
        )

    def __call__(self, image: Image, face: Face) -> Floats:
        """Points of a face in an RGB image, uint8: x, y, depth in the square's pixels, (468, 3)."""
        scale = INPUT / (FRAMED * max(face.width, face.height))
        centre = np.array([face.left + face.width / 2, face.top + face.height / 2])
        move = np.column_stack([scale * np.eye(2), INPUT / 2 - scale * centre])
        square = cv2.warpAffine(image, move, (INPUT, INPUT), flags=cv2.INTER_LINEAR)
        self._interpreter.set_tensor(self._input, square[None].astype(np.float32) / 255)
        self._interpreter.invoke()
        points = self._interpreter.get_tensor(self._points)
        return np.asarray(points, np.float64).reshape(POINTS, 3)


def mouth_opening(points: Floats) -> float:
    """How far the lips are apart, in heights of the face, of the points of a `FaceMesh`."""
    lips = np.linalg.norm(points[_UPPER_LIP, :2] - points[_LOWER_LIP, :2])
    height = np.linalg.norm(points[_BROW, :2] - points[_CHIN, :2])
    return float(lips / max(float(height), 1e-6))
