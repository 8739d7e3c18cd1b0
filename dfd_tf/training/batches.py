"""What the epochs of a run show: which images, in which order, changed how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.audio.hearing import Hearing
from dfd_tf.audio.loading import WindowLoader, plan_recordings
from dfd_tf.config import RunConfig
from dfd_tf.data.batches.array_batches import ArrayBatches, image_arrays
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.layers import LayerChange
from dfd_tf.data.batches.loading import ImageSource
from dfd_tf.data.batches.pixel_cache import PixelCache
from dfd_tf.data.batches.sampling import epoch_order
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError
from dfd_tf.training.context import RunContext
from dfd_tf.training.optim.teacher import load_teacher
from dfd_tf.training.processes.group import Group

Order = Callable[[int], NDArray[np.int64]]
OfEpoch = Callable[[int], Iterable[Any]]


class EpochBatches(NamedTuple):
    """What a training is shown.

    Attributes:
        of: batches of an epoch by its number, from 0.
        steps: how many an epoch has.
    """

    of: OfEpoch
    steps: int


def batches_by_epoch(context: RunContext) -> EpochBatches:
    """Training batches of a run's images or recordings.

    Raises:
        UserError: fewer of them than one batch, or see `load_teacher`.
    """
    order_of, steps = order_by_epoch(context.config, context.train)
    if isinstance(context.inputs, Hearing):
        return EpochBatches(_recordings(context, context.inputs, order_of), steps)
    return EpochBatches(_images(context, context.preprocessing, order_of), steps)


def _recordings(context: RunContext, hearing: Hearing, order_of: Order) -> OfEpoch:
    config, train = context.config, context.train
    if config.train.teacher:
        raise UserError("train.teacher is for detectors of images; leave it out for sound.")
    loader = WindowLoader(hearing, config.augment.model_dump(exclude={"layers"}))

    def batches(epoch: int) -> Iterable[Any]:
        plan = plan_recordings(train, order_of(epoch), seed=config.seed, epoch=epoch)
        return ArrayBatches(
            plan,
            loader,
            batch_size=config.train.batch_size,
            weighted=config.data.balance == "class_weight",
            part=context.group.part(config.train.batch_size),
        )

    return batches


def _images(context: RunContext, preprocessing: Preprocessing, order_of: Order) -> OfEpoch:
    config, train = context.config, context.train
    augmentation = config.augment.model_dump(exclude={"layers"})
    layers = [layer.model_dump() for layer in config.augment.layers]
    LayerChange(layers, config.seed).check(preprocessing.size)
    pseudo_fakes = config.data.pseudo_fakes.model_dump()
    source = _source(context)
    training_batches = _input_pipeline(context.group, config.train.batch_size)
    teacher = load_teacher(config, preprocessing)

    def batches(epoch: int) -> Iterable[Any]:
        plan = plan_epoch(
            train,
            order_of(epoch),
            preprocessing,
            augmentation,
            pseudo_fakes,
            seed=config.seed,
            epoch=epoch,
        )
        shown = training_batches(
            plan,
            preprocessing,
            batch_size=config.train.batch_size,
            source=source,
            weighted=config.data.balance == "class_weight",
            change=LayerChange(layers, config.seed, epoch) if layers else None,
        )
        return teacher.teach(shown) if teacher else shown

    return batches


def _input_pipeline(group: Group, batch_size: int) -> Callable[..., Iterable[Any]]:
    """What makes batches of a plan of images: tf.data where Keras computes with TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        from dfd_tf.data.batches.pipeline import training_batches

        return training_batches
    return partial(image_arrays, part=group.part(batch_size))


def order_by_epoch(config: RunConfig, train: pd.DataFrame) -> tuple[Order, int]:
    """Rows of an epoch as a function of its number, and how many batches it has.

    Raises:
        UserError: fewer images than one batch.
    """
    n_images = config.train.images_per_epoch or len(train)
    _check_shares(config, train, n_images)
    steps = n_images // config.train.batch_size
    if not steps:
        raise UserError(
            f"An epoch of {n_images} images does not fill one batch of "
            f"{config.train.batch_size}; lower train.batch_size."
        )

    def order(epoch: int) -> NDArray[np.int64]:
        return epoch_order(
            train,
            balance=config.data.balance,
            n_images=n_images,
            seed=config.seed,
            epoch=epoch,
            fake_share=config.data.fake_share,
        )

    return order, steps


def _check_shares(config: RunConfig, train: pd.DataFrame, n_images: int) -> None:
    share = config.data.fake_share
    if config.data.balance not in ("class", "source") or train.label.nunique() < 2:
        return
    if not 0 < round(share * n_images) < n_images:
        raise UserError(
            f"data.fake_share {share:g} leaves an epoch of {n_images} images without one of the "
            "two classes; bring it nearer to 0.5, or raise train.images_per_epoch."
        )


def _source(context: RunContext) -> ImageSource | None:
    cache = context.config.data.cache
    if cache == "none":
        return None
    on_disk = context.checkpoints if cache == "disk" else None
    return PixelCache(context.train, context.preprocessing, on_disk)
