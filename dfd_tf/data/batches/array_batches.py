"""Training examples as batches of plain arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

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


class Loader(Protocol):
    """How a row of an epoch's plan becomes an input."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one input."""

    def draw(self, row: Mapping[Any, Any]) -> NDArray[Any]:
        """The input that a row stands for."""


class ArrayBatches(keras.utils.PyDataset):
    """Batches of an epoch, drawn by threads, one batch each, a few of them ahead.

    Keras' own threads would not do: where `fit` looks at a first batch to build what is not built,
    they begin the epoch with its second one, so that a resumed training would see another order.

    Args:
        plan: a row an example, with its label and whatever the loader asks for.
        loader: draws the inputs.
        batch_size: the last, smaller batch is dropped.
        weighted: a third element holds class weights.
        change: of the inputs of a batch with a given number, see `LayerChange`.
        part: which images of each batch are given, where other processes give the others.
    """

    def __init__(
        self,
        plan: pd.DataFrame,
        loader: Loader,
        *,
        batch_size: int,
        weighted: bool = False,
        change: Callable[[Image, int], Image] | None = None,
        part: slice = slice(None),
    ) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._ahead: dict[int, Future[Batch]] = {}
        self.rows = plan.to_dict("records")
        self.loader = loader
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
        return (n, *self.loader.input_shape), *((n, 1) for _ in self.columns)

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
        return self._inputs(self.rows[batch], index), *columns

    def _inputs(self, rows: list[dict[Any, Any]], index: int) -> NDArray[Any]:
        if not self.change:
            return np.stack([self.loader.draw(row) for row in rows[self.part]])
        # It may mix those of a batch, so all are drawn.
        return self.change(np.stack([self.loader.draw(row) for row in rows]), index)[self.part]


def image_arrays(
    plan: pd.DataFrame,
    preprocessing: Preprocessing,
    *,
    source: ImageSource | None = None,
    **options: Any,
) -> ArrayBatches:
    """Batches of images, for Keras' backends other than TensorFlow.

    Takes and gives what `training_batches` of the pipeline in tf.data does, as NumPy arrays. The
    pixels are the same, but for the outermost two rows and columns of crops from JPEG files: there
    libjpeg smooths colour otherwise when it decodes no more than the crop, as TensorFlow does.

    Args:
        plan: from `dfd_tf.data.batches.augmentation_plan.plan_epoch`.
        preprocessing: how images become inputs.
        source: a cache of decoded images; without it files are decoded at every epoch.
        options: see `ArrayBatches`.
    """
    return ArrayBatches(plan, ImageLoader(preprocessing, source), **options)
