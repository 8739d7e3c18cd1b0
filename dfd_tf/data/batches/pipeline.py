"""Training images as tf.data batches, for Keras' TensorFlow backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from dfd_tf.data.batches.array_batches import ArrayBatches, image_arrays
from dfd_tf.data.batches.loading import ImageLoader, ImageSource
from dfd_tf.data.batches.sampling import class_weights
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.types import Image


def training_batches(
    plan: pd.DataFrame,
    preprocessing: Preprocessing,
    *,
    batch_size: int,
    source: ImageSource | None = None,
    weighted: bool = False,
    change: Callable[[Image, int], Image] | None = None,
) -> tf.data.Dataset:
    """Batches of an epoch: images uint8 (batch, size, size, 3), labels float32 (batch, 1).

    Args:
        plan: from `dfd_tf.data.batches.augmentation_plan.plan_epoch`.
        preprocessing: how images become inputs.
        batch_size: the last, smaller batch is dropped.
        source: a cache of decoded images; without it files are decoded at every epoch.
        weighted: a third element holds class weights.
        change: of the images of a batch with a given number, see `LayerChange`.
    """
    if preprocessing.policy == "resize":
        return _of_arrays(
            image_arrays(
                plan,
                preprocessing,
                batch_size=batch_size,
                source=source,
                weighted=weighted,
                change=change,
            )
        )
    columns = {name: plan[name].to_numpy() for name in plan}
    columns["label"] = columns["label"].astype(np.float32)
    if weighted:
        columns["weight"] = class_weights(plan.label.to_numpy())
    draw = _in_graph(ImageLoader(preprocessing, source))

    def load(item: dict[str, Any]) -> tuple[Any, ...]:
        image = _orient(draw(item), item["flip"], item["turns"])
        image.set_shape((preprocessing.size, preprocessing.size, 3))
        label = item["label"][None]
        return (image, label, item["weight"][None]) if weighted else (image, label)

    dataset = tf.data.Dataset.from_tensor_slices(columns)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    dataset = dataset.batch(batch_size, drop_remainder=True)
    if change:
        dataset = _changed(dataset, change)
    return dataset.prefetch(tf.data.AUTOTUNE)


def _of_arrays(batches: ArrayBatches) -> tf.data.Dataset:
    """Whole batches made in NumPy: of calls from the graph for each image half the time is lost."""
    kinds = (tf.uint8, *(tf.float32 for _ in batches.columns))
    shapes = batches.shapes

    def load(number: Any) -> tuple[Any, ...]:
        batch = tf.numpy_function(batches.drawn, [number], kinds, stateful=False)
        for part, shape in zip(batch, shapes, strict=True):
            part.set_shape(shape)
        return tuple(batch)

    dataset = tf.data.Dataset.range(len(batches))
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return dataset.prefetch(tf.data.AUTOTUNE)


def _changed(dataset: tf.data.Dataset, change: Callable[[Image, int], Image]) -> tf.data.Dataset:
    def apply(number: Any, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        images, *rest = batch
        changed = _in_numpy(change, images, number)
        changed.set_shape(images.shape)
        return changed, *rest

    # One at a time: those that wait for a lock would hold the threads that layers compute on.
    return dataset.enumerate().map(apply)


def _in_graph(loader: ImageLoader) -> Any:
    """Function from a row of the plan to an image: in the graph where it can, else in NumPy.

    The graph decodes no more of a JPEG than the window that is shown. Where all of it is needed,
    our own decoder is twice as fast, and its pixels are the same.
    """
    size = loader.preprocessing.size

    def directly(path: Any, top: Any, left: Any, side: Any, kinds: Any, seed: Any) -> Any:
        square = tf.io.decode_and_crop_jpeg(
            tf.io.read_file(path),
            (top, left, side, side),
            channels=3,
            dct_method="INTEGER_ACCURATE",
        )
        return tf.cond(
            kinds == 0, lambda: square, lambda: _in_numpy(loader.finish, square, kinds, seed)
        )

    def draw(item: dict[str, Any]) -> Any:
        rest = [item[name] for name in ("top", "left", "side", "kinds", "seed")]
        if loader.source is not None:
            return _in_numpy(loader.from_source, item["row"], item["forged"], *rest)
        return tf.cond(
            item["direct"] & (item["side"] == size),
            lambda: directly(item["path"], *rest),
            lambda: _in_numpy(loader.from_file, item["path"], item["forged"], *rest),
        )

    return draw


def _in_numpy(function: Any, *arguments: Any) -> Any:
    return tf.numpy_function(function, arguments, tf.uint8, stateful=False)


def _orient(image: Any, flip: Any, turns: Any) -> Any:
    image = tf.cond(flip, lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(turns > 0, lambda: tf.image.rot90(image, turns), lambda: image)
