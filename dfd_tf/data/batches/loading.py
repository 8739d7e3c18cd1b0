"""From a row of an epoch's plan to its image, in NumPy: what every input pipeline shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import cv2
import numpy as np

from dfd_tf.data.batches.degradations.randomly import augmenting, degrade_randomly
from dfd_tf.data.batches.pseudo_fakes import PSEUDO_FAKES, forge
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import Preprocessing, Window
from dfd_tf.types import Image

# Pipelines run one image a core; threads of OpenCV's own beside them only get in their way.
cv2.setNumThreads(1)


class ImageSource(Protocol):
    """Where fitted images come from by row number; see `dfd_tf.data.batches.pixel_cache`."""

    def image(self, row: int) -> Image:
        """RGB image of a row of the table, after `Preprocessing.fit`."""


class ImageLoader:
    """Draw images as `dfd_tf.data.batches.augmentation_plan.plan_epoch` planned them.

    Args:
        preprocessing: how images become inputs.
        source: a cache of decoded images; without it their files are decoded.
    """

    def __init__(self, preprocessing: Preprocessing, source: ImageSource | None = None) -> None:
        self.preprocessing = preprocessing
        self.source = source

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one input."""
        return self.preprocessing.input_shape

    def draw(self, row: Mapping[Any, Any]) -> Image:
        """The input, uint8, shape (size, size, 3), that a row of the plan stands for."""
        rest = [row[name] for name in ("forged", "top", "left", "side", "kinds", "seed")]
        if self.source is not None:
            return orient(self.from_source(row["row"], *rest), row["flip"], row["turns"])
        return orient(self.from_file(row["path"], *rest), row["flip"], row["turns"])

    def from_source(
        self, row: int, forged: int, top: int, left: int, side: int, kinds: int, seed: int
    ) -> Image:
        """The input before it is flipped or turned, out of the cache."""
        assert self.source is not None
        square = _cut(self.source.image(row), Window(top, left, side), forged, seed)
        return self.finish(square, kinds, seed)

    def from_file(
        self, path: str | bytes, forged: int, top: int, left: int, side: int, kinds: int, seed: int
    ) -> Image:
        """The input before it is flipped or turned, out of its file."""
        image = self.preprocessing.fit(read_image(path if isinstance(path, str) else path.decode()))
        return self.finish(_cut(image, Window(top, left, side), forged, seed), kinds, seed)

    def finish(self, square: Image, kinds: int, seed: int) -> Image:
        """Degrade a window of a fitted image and bring it to the input's size."""
        named = [name for bit, name in enumerate(augmenting()) if kinds >> bit & 1]
        # At the image's own scale, where compression and blur happen in life.
        degraded = degrade_randomly(square, named, seed) if named else square
        return self.preprocessing.scale(degraded)


def orient(image: Image, flip: bool, turns: int) -> Image:
    """Mirror an image left to right, then turn it left by quarters."""
    return np.rot90(image[:, ::-1] if flip else image, turns)


def _cut(image: Image, window: Window, forged: int, seed: int) -> Image:
    if not forged:
        return window.cut(image)
    return forge(PSEUDO_FAKES[forged - 1], image, window, np.random.default_rng([seed, 1]))
