"""Training images as batches of plain arrays, for Keras' backends other than TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.data.batches.loading import ImageLoader, ImageSource
from dfd_tf.data.batches.sampling import class_weights
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.types import Image

AHEAD = 2 * (os.cpu_count() or 1)
Batch = tuple[NDArray[Any], ...]


class ArrayBatches(keras.utils.PyDataset):
    """Batches of an epoch, drawn by threads, one batch each, a few of them ahead.

    Keras' own threads would not do: where `fit` looks at a first batch to build what is not built,
    they begin the epoch with its second one, so that a resumed training would see another order.

    Takes and gives what `training_batches` of the pipeline in tf.data does, as NumPy arrays. The
    pixels are the same, but for the outermost two rows and columns of crops from JPEG files: there
    libjpeg smooths colour otherwise when it decodes no more than the crop, as TensorFlow does.

    Args:
        plan: from `dfd_tf.data.batches.augmentation_plan.plan_epoch`.
        preprocessing: how images become inputs.
        batch_size: the last, smaller batch is dropped.
        source: a cache of decoded images; without it files are decoded at every epoch.
        weighted: a third element holds class weights.
        change: of the images of a batch with a given number, see `LayerChange`.
        part: which images of each batch are given, where other processes give the others.
    """

    def __init__(
        self,
        plan: pd.DataFrame,
        preprocessing: Preprocessing,
        *,
        batch_size: int,
        source: ImageSource | None = None,
        weighted: bool = False,
        change: Callable[[Image, int], Image] | None = None,
        part: slice = slice(None),
    ) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._ahead: dict[int, Future[Batch]] = {}
        self.rows = plan.to_dict("records")
        self.loader = ImageLoader(preprocessing, source)
        self.columns = [plan.label.to_numpy(np.float32)]
        if weighted:
            self.columns.append(class_weights(plan.label.to_numpy()))
        self.batch_size = batch_size
        self.change = change
        self.part = part

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of the arrays of a batch."""
        n = len(range(self.batch_size)[self.part])
        size = self.loader.preprocessing.size
        return (n, size, size, 3), *((n, 1) for _ in self.columns)

    def __len__(self) -> int:
        """Number of batches."""
        return len(self.rows) // self.batch_size

    def __getitem__(self, index: int) -> Batch:
        """One batch; those that come next are begun."""
        for number in range(index, min(index + AHEAD, len(self))):
            if number not in self._ahead:
                self._ahead[number] = self._threads.submit(self.drawn, number)
        return self._ahead.pop(index).result()

    def drawn(self, index: int) -> Batch:
        """One batch, drawn in the thread that asks for it."""
        batch = slice(index * self.batch_size, (index + 1) * self.batch_size)
        columns = (column[batch, None][self.part] for column in self.columns)
        return self._images(self.rows[batch], index), *columns

    def _images(self, rows: list[dict[Any, Any]], index: int) -> NDArray[np.uint8]:
        if not self.change:
            return np.stack([self.loader.image(row) for row in rows[self.part]])
        # It may mix the images of a batch, so all are drawn.
        return self.change(np.stack([self.loader.image(row) for row in rows]), index)[self.part]
