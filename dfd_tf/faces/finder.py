"""Find faces in photos, by several looks of BlazeFace at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Window
from dfd_tf.errors import UserError
from dfd_tf.faces.blazeface import INPUT, BlazeFace, Boxes, shrunk
from dfd_tf.lite import lite_is_installed
from dfd_tf.types import Image

CONFIDENT = 0.5
SAME_FACE_OVERLAP = 0.3
# The network finds faces down to a twentieth of its input. In photos of this side and more, smaller
# ones can still be large enough to judge.
TILED_FROM = 768


class Face(NamedTuple):
    """A face in a photo: its box in pixels, brow to chin, and how sure the finder is."""

    left: float
    top: float
    width: float
    height: float
    confidence: float


class FaceFinder:
    """Finds faces; keeps one interpreter, so use one finder a thread."""

    def __init__(self) -> None:
        """Load the network.

        Raises:
            UserError: LiteRT is not installed.
        """
        if not lite_is_installed():
            raise UserError(
                'finding faces needs ai-edge-litert: pip install "dfd-tf[lite]", '
                "or judge whole images with --faces whole."
            )
        self._network = BlazeFace()

    def find(self, image: Image) -> list[Face]:
        """Faces of an RGB photo, uint8, shape (height, width, 3), the largest first."""
        return self._found(image, list(_looks(*image.shape[:2])))

    def find_in(self, image: Image, windows: Sequence[Window]) -> list[Face]:
        """Faces in some squares of an RGB photo, each looked at once; the largest first.

        For whoever knows where to look, at a fraction of the cost. A face should fill a fifth to
        a half of its square.
        """
        return self._found(image, [(window, 1.0) for window in windows])

    def _found(self, image: Image, looks: Sequence[tuple[Window, float]]) -> list[Face]:
        found = [self._in_window(image, window, share) for window, share in looks]
        boxes = np.concatenate([boxes for boxes, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), CONFIDENT, SAME_FACE_OVERLAP)
        table = np.column_stack([boxes, scores])[np.asarray(kept, dtype=int).ravel()]
        faces = [Face(*map(float, row)) for row in table]
        return sorted(faces, key=lambda face: face.width * face.height, reverse=True)

    def _in_window(
        self, image: Image, window: Window, share: float
    ) -> tuple[Boxes, NDArray[np.float64]]:
        """Boxes (left, top, width, height) in the photo's pixels, and their confidences."""
        piece = window.cut(image)
        boxes, scores = self._network(*shrunk(piece, share * INPUT), CONFIDENT)
        whole = _uncut(boxes, piece.shape[:2], window, image.shape[:2])
        return boxes[whole] + [window.left, window.top, 0, 0], scores[whole]


def _looks(height: int, width: int) -> Iterator[tuple[Window, float]]:
    """Where to look, and which share of the network's input the window shall fill.

    Whole photos at half the input, since faces that fill a picture are missed at full size; whole
    photos at full size; and in large ones half-overlapping squares of half the longer side.
    """
    side = max(height, width)
    whole = Window(0, 0, side)
    yield whole, 0.5
    yield whole, 1.0
    if side < TILED_FROM:
        return
    half = side // 2
    for top in _starts(height, half):
        for left in _starts(width, half):
            yield Window(top, left, half), 1.0


def _starts(length: int, side: int) -> list[int]:
    last = max(0, length - side)
    steps = -(-last // (side // 2))
    return [round(last * i / max(1, steps)) for i in range(steps + 1)]


def _uncut(
    boxes: Boxes, piece: tuple[int, int], window: Window, photo: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which boxes are not cut by an edge of a tile that is no edge of the photo."""
    left, top, width, height = boxes.T
    cut_left = (left < 0) & (window.left > 0)
    cut_top = (top < 0) & (window.top > 0)
    cut_right = (left + width > piece[1]) & (window.left + piece[1] < photo[1])
    cut_bottom = (top + height > piece[0]) & (window.top + piece[0] < photo[0])
    return ~(cut_left | cut_top | cut_right | cut_bottom)
