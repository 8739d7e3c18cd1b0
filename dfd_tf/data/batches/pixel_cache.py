"""Decoded training images kept in memory or on disk, so that each file is decoded once."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.progress import tracked
from dfd_tf.types import Image


class PixelCache:
    """All images of a table, decoded and fitted, one after the other in one array of bytes.

    Args:
        examples: table with path, height and width.
        preprocessing: how images are fitted.
        folder: where the array is laid as a file, removed with the cache; None keeps it in
            memory.
    """

    def __init__(
        self, examples: pd.DataFrame, preprocessing: Preprocessing, folder: Path | None = None
    ) -> None:
        self._shapes = [
            (*preprocessing.fitted_shape(height, width), 3)
            for height, width in zip(examples.height, examples.width, strict=True)
        ]
        sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._bytes = _allocate(int(self._starts[-1]), folder)
        self._fill(list(examples.path), preprocessing)

    def _fill(self, paths: list[str], preprocessing: Preprocessing) -> None:
        def store(row: int) -> None:
            self.image(row)[:] = preprocessing.fit(read_image(paths[row]))

        with ThreadPoolExecutor() as pool:
            rows = pool.map(store, range(len(paths)))
            list(tracked(rows, len(paths), "decoding into the cache"))

    def image(self, row: int) -> Image:
        """View of the fitted RGB image of a row, uint8, shape (height, width, 3)."""
        return self._bytes[self._starts[row] : self._starts[row + 1]].reshape(self._shapes[row])


def _allocate(size: int, folder: Path | None) -> Image:
    if folder is None:
        return np.empty(size, dtype=np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    # The file has no name on disk, so that it cannot outlive the process.
    with tempfile.TemporaryFile(dir=folder) as file:
        file.truncate(size)
        return np.memmap(file, dtype=np.uint8, mode="r+", shape=(size,))
