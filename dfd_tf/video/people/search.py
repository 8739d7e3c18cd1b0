"""Where faces are looked for: everywhere now and then, else only where they were."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dfd_tf.data.preprocess import Window
from dfd_tf.faces import Face, FaceFinder
from dfd_tf.types import Image
from dfd_tf.video.people.tracks import Track

EVERYWHERE_AFTER = 1.0  # seconds
NOBODY_AFTER = 0.5  # seconds, where nobody is followed
# The finder sees 192 pixels of whatever window it looks at: larger frames are shrunk once for all
# of its looks, by a whole number, which takes a tenth of the time of any other.
SEARCHED_SIDE = 1024
FACES_A_WINDOW = 3.5  # side of the window around a face, in sides of the face


class FaceSearch:
    """Finds the faces of frame after frame.

    A full search is as many looks as a frame has tiles; one look a track is enough to follow it.
    """

    def __init__(self) -> None:
        self._finder = FaceFinder()
        self._searched = float("-inf")

    def __call__(
        self, image: Image, time: float, alive: Sequence[Track], *, new_shot: bool
    ) -> list[Face]:
        """Faces of an RGB frame, the largest first, in its pixels.

        Args:
            image: the frame, RGB.
            time: of the frame in seconds.
            alive: whom to look for.
            new_shot: whether nothing is known of this picture yet.
        """
        factor = -(-max(image.shape[:2]) // SEARCHED_SIDE)
        shrunk, scale = _shrunk(image, factor), 1 / factor
        due = time - self._searched >= (EVERYWHERE_AFTER if alive else NOBODY_AFTER) - 1e-6
        if new_shot or due:
            self._searched = time
            faces = self._finder.find(shrunk)
        elif alive:
            faces = self._finder.find_in(shrunk, [_around(t, time, shrunk, scale) for t in alive])
        else:
            faces = []
        return [_scaled(face, factor) for face in faces]


def _around(track: Track, time: float, image: Image, scale: float) -> Window:
    face = _scaled(track.expected(time), scale)
    height, width = image.shape[:2]
    side = min(round(FACES_A_WINDOW * max(face.width, face.height, 8)), max(height, width))
    top = round(face.top + face.height / 2 - side / 2)
    left = round(face.left + face.width / 2 - side / 2)
    return Window(_inside(top, side, height), _inside(left, side, width), side)


def _inside(start: int, side: int, length: int) -> int:
    return max(0, min(start, length - side))


def _shrunk(image: Image, factor: int) -> Image:
    """An image without the rows and columns that are over, shrunk by averaging."""
    height, width = (side // factor for side in image.shape[:2])
    if factor == 1 or not height or not width:
        return image
    whole = image[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(face: Face, scale: float) -> Face:
    left, top, width, height = (scale * side for side in face[:4])
    return Face(left, top, width, height, face.confidence)
