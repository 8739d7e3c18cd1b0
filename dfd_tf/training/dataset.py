"""The images of a run: found, dealt to splits, checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.config import OneClassConfig, RunConfig
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.loading import ImageSource
from dfd_tf.data.batches.pixel_cache import PixelCache
from dfd_tf.data.batches.sampling import epoch_order
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.examples import check_files, load_examples, write_splits
from dfd_tf.data.sets.file_check import FileCheck
from dfd_tf.errors import UserError


@dataclass(frozen=True)
class RunData:
    """What a run trains and is measured on.

    Attributes:
        examples: every example with its split, damaged ones included.
        usable: those that decode, with height, width, format and plain.
        damaged: path and reason of those that do not.
        fingerprint: SHA-256 over the content of all files, in hexadecimal.
        needs_fakes: whether training and validation cannot do without fakes.
    """

    examples: pd.DataFrame
    usable: pd.DataFrame
    damaged: pd.DataFrame
    fingerprint: str
    needs_fakes: bool = True

    def split(self, name: str) -> pd.DataFrame:
        """Usable examples of a split.

        Raises:
            UserError: it lacks a class that is needed.
        """
        part = self.usable[self.usable.split == name].reset_index(drop=True)
        needed = {0, 1} if self.needs_fakes else {0}
        if not needed <= set(part.label):
            counts = part.label.value_counts().to_dict()
            raise UserError(
                f"The split {name!r} needs real {'and fake ' if self.needs_fakes else ''}images; "
                f"it has {counts.get(0, 0)} real and {counts.get(1, 0)} fake."
            )
        return part

    @property
    def native_side(self) -> int:
        """Shorter side of the median training image in pixels."""
        train = self.split("train")
        return int(np.median(np.minimum(train.height, train.width)))


class Found(NamedTuple):
    """Every example of some datasets with its split, and what is usable of them."""

    examples: pd.DataFrame
    checked: FileCheck


def find(config: RunConfig, *, progress: bool) -> Found:
    """Find, split and check the images of a run.

    Raises:
        UserError: a dataset's layout is unknown.
    """
    options = config.data
    examples = load_examples(
        options.paths,
        seed=config.seed,
        fold=options.fold,
        valid_from_train=options.valid_from_train,
    )
    return Found(examples, check_files(examples, progress=progress))


def gather(
    config: RunConfig,
    folder: Path,
    *,
    progress: bool,
    say: Callable[[str], None],
    found: Found | None = None,
) -> RunData:
    """Find, split and check the images of a run; write the splits down.

    Args:
        config: of the run.
        folder: its folder.
        progress: show a progress bar.
        say: prints a line.
        found: by `find` already, for a run of the same data, seed and dealing.

    Raises:
        UserError: a dataset's layout is unknown, or too little of it is usable.
    """
    options = config.data
    examples, checked = found or find(config, progress=progress)
    for row in checked.damaged.itertuples():
        say(f"skipped, cannot be used: {row.path} ({row.reason})")
    write_splits(examples, folder / "splits.csv")
    usable = limited(checked.usable, options.train_limit, config.seed)
    if config.one_class:
        usable = _without_hidden_fakes(usable, config.one_class, config.seed)
    needs_fakes = config.one_class is None
    return RunData(examples, usable, checked.damaged, checked.fingerprint, needs_fakes)


def _without_hidden_fakes(usable: pd.DataFrame, config: OneClassConfig, seed: int) -> pd.DataFrame:
    """Keep of each source's training fakes the fraction to be shown, at least one if any.

    A smaller fraction is part of a larger one, so that a sweep adds fakes and exchanges none.
    """
    fakes = usable[(usable.split == "train") & (usable.label == 1)]
    shown = [
        part.sample(frac=1, random_state=seed).head(math.ceil(config.fake_fraction * len(part)))
        for source, part in fakes.groupby("source")
        if not config.fakes_from or source in config.fakes_from
    ]
    hidden = fakes.index.difference(pd.concat(shown).index if shown else [])
    return usable.drop(index=hidden)


def limited(usable: pd.DataFrame, limit: int | None, seed: int) -> pd.DataFrame:
    """Keep `limit` training images, half of each class, for learning curves."""
    train = usable[usable.split == "train"]
    if limit is None or limit >= len(train):
        return usable
    by_class = train.groupby("label", group_keys=False)
    kept = by_class.sample(limit // 2, random_state=seed)
    return pd.concat([kept, usable[usable.split != "train"]])


def batches_by_epoch(
    config: RunConfig, train: pd.DataFrame, preprocessing: Preprocessing, folder: Path
) -> tuple[Callable[[int], Iterable[Any]], int]:
    """Training batches as a function of the epoch's number, and how many an epoch has.

    Raises:
        UserError: fewer images than one batch.
    """
    order_of, steps = order_by_epoch(config, train)
    augmentation = config.augment.model_dump()
    pseudo_fakes = config.data.pseudo_fakes.model_dump()
    source = _source(config, train, preprocessing, folder)
    training_batches = _input_pipeline()

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
        return training_batches(
            plan,
            preprocessing,
            batch_size=config.train.batch_size,
            source=source,
            weighted=config.data.balance == "class_weight",
        )

    return batches, steps


def _input_pipeline() -> Callable[..., Iterable[Any]]:
    """What makes batches of a plan: tf.data where Keras computes with TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        from dfd_tf.data.batches.pipeline import training_batches

        return training_batches
    from dfd_tf.data.batches.array_batches import ArrayBatches

    return ArrayBatches


def order_by_epoch(
    config: RunConfig, train: pd.DataFrame
) -> tuple[Callable[[int], NDArray[np.int64]], int]:
    """Rows of an epoch as a function of its number, and how many batches it has.

    Raises:
        UserError: fewer images than one batch.
    """
    n_images = config.train.images_per_epoch or len(train)
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


def _source(
    config: RunConfig, train: pd.DataFrame, preprocessing: Preprocessing, folder: Path
) -> ImageSource | None:
    if config.data.cache == "none":
        return None
    on_disk = folder / "checkpoints" if config.data.cache == "disk" else None
    return PixelCache(train, preprocessing, on_disk)
