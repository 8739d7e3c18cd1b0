"""Training above a backbone that stands still: its features are computed once, then learned from.

A network that is only read gives the same features for the same picture in every epoch. So a few
epochs of pictures, cropped and degraded each its own way, pass through it, and the layers above
see these again and again. Or every picture passes through it once, as it is judged, and several
trainings share what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.config import RunConfig
from dfd_tf.data.batches.sampling import class_weights
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.features import features_of_files, features_of_views
from dfd_tf.pretrained import backbone_and_head
from dfd_tf.progress import Progress, progress_bar
from dfd_tf.training.dataset import RunData, batches_by_epoch, order_by_epoch
from dfd_tf.training.fit import fit
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.networks import in_float32, start_network

Say = Callable[[str], None]
Features = NDArray[np.float32]


def fit_head(
    config: RunConfig,
    folder: Path,
    data: RunData,
    preprocessing: Preprocessing,
    precision: str,
    resume: bool,
    quiet: bool,
    say: Say,
    cache: FeatureCache | None = None,
) -> keras.Model:
    """Train the layers above the pretrained ones; return the best detector in float32.

    With a cache the features are those of the photos as they are judged.

    Raises:
        UserError: no pretrained layers are known for the detector, see `backbone_and_head`; or
            the training diverged.
    """
    valid = data.split("valid")
    model = start_network(config, precision)
    backbone, head = backbone_and_head(model, config.model.name)
    if cache:
        backbone = cache.of(backbone)
        batches_of, steps = photo_batches(
            config, backbone, data.split("train"), preprocessing, progress=not quiet
        )
    else:
        batches_of, steps = _passes(config, backbone, data, preprocessing, folder, not quiet)
    of_valid = features_of_views(backbone, preprocessing, list(valid.path), progress=not quiet)
    fit(
        head,
        batches_of,
        lambda head: logits_of_features(head, of_valid),
        valid,
        config.train.model_copy(update={"freeze_epochs": 0}),
        folder,
        steps_per_epoch=steps,
        resume=resume,
        say=say,
        verbose=not quiet,
    )
    return in_float32(config, model)


def _passes(
    config: RunConfig,
    backbone: keras.Model,
    data: RunData,
    preprocessing: Preprocessing,
    folder: Path,
    progress: bool,
) -> tuple[Callable[[int], FeatureBatches], int]:
    images, steps = batches_by_epoch(config, data.split("train"), preprocessing, folder)
    batches_of = feature_batches(
        backbone,
        images,
        steps,
        passes=config.train.feature_passes,
        batch_size=config.train.batch_size,
        seed=config.seed,
        folder=folder / "checkpoints",
        progress=progress,
    )
    return batches_of, steps


def photo_batches(
    config: RunConfig,
    backbone: Any,
    train: pd.DataFrame,
    preprocessing: Preprocessing,
    *,
    progress: bool = False,
) -> tuple[Callable[[int], FeatureBatches], int]:
    """Batches of the features of photos as they are judged, by epoch, and how many one has.

    Raises:
        UserError: fewer photos than one batch.
    """
    order_of, steps = order_by_epoch(config, train)
    labels = train.label.to_numpy()
    paths = list(train.path)
    stored = [
        features_of_files(backbone, preprocessing, paths, progress=progress),
        labels.astype(np.float32)[:, None],
    ]
    if config.data.balance == "class_weight":
        stored.append(class_weights(labels))

    def batches(epoch: int) -> FeatureBatches:
        return FeatureBatches(stored, order_of(epoch), config.train.batch_size)

    return batches, steps


class FeatureBatches(keras.utils.PyDataset):
    """Batches of stored features with their labels and, where they have any, weights.

    Args:
        stored: arrays of the same length n: features, labels and perhaps weights.
        order: rows in the order in which they are shown.
        batch_size: the last, smaller batch is dropped.
    """

    def __init__(
        self, stored: Sequence[NDArray[Any]], order: NDArray[np.int64], batch_size: int
    ) -> None:
        super().__init__()
        self.stored = stored
        self.order = order
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Number of batches."""
        return len(self.order) // self.batch_size

    def __getitem__(self, index: int) -> tuple[NDArray[Any], ...]:
        """One batch."""
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return tuple(array[rows] for array in self.stored)


def feature_batches(
    backbone: keras.Model,
    batches_of: Callable[[int], Iterable[Any]],
    steps: int,
    *,
    passes: int,
    batch_size: int,
    seed: int,
    folder: Path,
    progress: bool = False,
) -> Callable[[int], FeatureBatches]:
    """Batches of features as a function of the epoch's number, from 0.

    Args:
        backbone: from pixels to features of shape (batch, n).
        batches_of: batches of images by the epoch's number.
        steps: batches of an epoch.
        passes: of how many epochs the features are kept; epoch e shows those of e modulo this.
        batch_size: images of a batch.
        seed: of the order within an epoch.
        folder: where finished passes are kept, for a training that is resumed.
        progress: show a progress bar.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar(passes * steps, "features", unit="batches", shown=progress) as bar:
        stored = [
            _stored_pass(backbone, batches_of, number, folder / f"features_{number}.npz", bar)
            for number in range(passes)
        ]

    def batches(epoch: int) -> FeatureBatches:
        arrays = stored[epoch % passes]
        order = np.random.default_rng([seed, epoch, 2]).permutation(len(arrays[0]))
        return FeatureBatches(arrays, order, batch_size)

    return batches


def logits_of_features(head: keras.Model, features: Features) -> NDArray[np.float64]:
    """Logits of files from their views' features: the mean over the views, shape (files,)."""
    files, views, n = features.shape
    logits = head.predict(features.reshape(-1, n), batch_size=256, verbose=0)
    return np.asarray(logits, np.float64).reshape(files, views).mean(axis=1)


def _stored_pass(
    backbone: keras.Model,
    batches_of: Callable[[int], Iterable[Any]],
    number: int,
    path: Path,
    bar: Progress,
) -> list[NDArray[Any]]:
    if not path.exists():
        columns = zip(*_passed(backbone, batches_of(number), bar), strict=True)
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, *map(np.concatenate, columns))
        unfinished.replace(path)
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def _passed(backbone: keras.Model, batches: Iterable[Any], bar: Progress) -> Any:
    for images, *rest in batches:
        pixels = np.asarray(images, np.float32)
        yield backbone.predict_on_batch(pixels), *map(np.asarray, rest)
        bar.update()
