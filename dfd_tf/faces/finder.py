"""Find faces in photos: BlazeFace, full range, through LiteRT.

The network is Google's (MediaPipe, Apache-2.0; Bazarevsky et al. 2019, arXiv:1907.05047): a square
of 192 pixels in, a box and six points for each of 48 x 48 places out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Window
from dfd_tf.errors import UserError
from dfd_tf.lite import lite_is_installed, start_interpreter
from dfd_tf.types import Image

Boxes = NDArray[np.float64]

MODEL = "blazeface_full_range.tflite"
INPUT = 192
GRID = 48
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
        self._interpreter = start_interpreter(files("dfd_tf.faces").joinpath(MODEL).read_bytes())
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        self._boxes, self._scores = (
            next(o["index"] for o in outputs if o["shape"][-1] == width) for width in (16, 1)
        )

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
        square, scale, offset = _letterbox(piece, share)
        boxes, scores = self._run(square)
        sure = scores >= CONFIDENT
        boxes, scores = (boxes[sure] - [*offset, 0, 0]) / scale, scores[sure]
        whole = _uncut(boxes, piece.shape[:2], window, image.shape[:2])
        return boxes[whole] + [window.left, window.top, 0, 0], scores[whole]

    def _run(self, square: Image) -> tuple[Boxes, NDArray[np.float64]]:
        """Boxes in the square's pixels, shape (2304, 4), and their confidences."""
        pixels = square[None].astype(np.float32) / 127.5 - 1
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        raw = self._interpreter.get_tensor(self._boxes)[0, :, :4].astype(np.float64)
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0].astype(np.float64)
        size = raw[:, 2:]
        corner = raw[:, :2] + _places() - size / 2
        return np.hstack([corner, size]), 1 / (1 + np.exp(-np.clip(logits, -100, 100)))


def _places() -> Boxes:
    """Centres of the network's cells in the square's pixels, row by row."""
    y, x = np.mgrid[:GRID, :GRID]
    return (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * (INPUT / GRID)


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


def _letterbox(piece: Image, share: float) -> tuple[Image, float, tuple[int, int]]:
    """Bring a piece to `share` of the input amid black: the square, scale, left and top."""
    height, width = piece.shape[:2]
    scale = share * INPUT / max(height, width)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (INPUT - inner_width) // 2, (INPUT - inner_height) // 2
    filter_ = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    inner = cv2.resize(piece, (inner_width, inner_height), interpolation=filter_)
    square = np.zeros((INPUT, INPUT, 3), np.uint8)
    square[top : top + inner_height, left : left + inner_width] = inner
    return square, scale, (left, top)


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
