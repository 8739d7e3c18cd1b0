"""A few small pictures of a person, spread evenly however long the video is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dfd_tf.reporting.thumbnails import picture_uri
from dfd_tf.types import Image

MOST = 17


class Picture(NamedTuple):
    """A picture as a data URI, and when it was."""

    time: float
    uri: str


class Pictures:
    """Keeps every n-th picture, and twice as large an n whenever there are too many."""

    def __init__(self) -> None:
        self.kept: list[Picture] = []
        self._offered, self._stride = 0, 1

    def offer(self, time: float, crop: Image) -> None:
        """Keep the crop of a face, RGB, if it is its turn."""
        if self._offered % self._stride == 0:
            self.kept.append(Picture(time, picture_uri(np.ascontiguousarray(crop))))
        self._offered += 1
        if len(self.kept) == MOST:
            self.kept, self._stride = self.kept[::2], 2 * self._stride
