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
from numpy.typing import NDArray

from dfd_tf.config import RunConfig, TrainConfig
from dfd_tf.data.batches.sampling import class_weights
from dfd_tf.detectors.features import features_by_file, features_of_files
from dfd_tf.models.backbone import backbone_and_head
from dfd_tf.progress import Progress
from dfd_tf.reporter import SILENT, Reporter
from dfd_tf.training.batches import EpochBatches, batches_by_epoch, order_by_epoch
from dfd_tf.training.context import RunContext, Trained
from dfd_tf.training.fit import fit
from dfd_tf.training.networks import in_float32, start_network

Features = NDArray[np.float32]


def fit_head(context: RunContext) -> Trained:
    """Train the layers above the pretrained ones; return the best detector in float32.

    Without `train.feature_passes` the features are those of the photos as they are judged.

    Raises:
        UserError: no pretrained layers are known for the detector, see `backbone_and_head`; or
            the training diverged.
    """
    config = context.config
    model = start_network(config, context.precision)
    backbone, head = backbone_and_head(model, config.model.name)
    if context.cache:
        backbone = context.cache.of(backbone)
    plain = config.train.plain_features
    batches = photo_batches(context, backbone) if plain else _passes(context, backbone)
    of_valid = features_by_file(
        backbone, context.inputs, list(context.valid.path), progress=context.reporter.progress
    )
    history = fit(
        head,
        context,
        batches,
        lambda head: logits_of_features(head, of_valid),
        options=without_freezing(config),
    )
    return Trained(in_float32(config, model), history)


def without_freezing(config: RunConfig) -> TrainConfig:
    """The optimisation of a head by itself, of which nothing stands still."""
    return config.replace({"train.freeze_epochs": 0}).train


def _passes(context: RunContext, backbone: keras.Model) -> EpochBatches:
    return feature_batches(
        backbone,
        batches_by_epoch(context),
        passes=context.config.train.feature_passes,
        batch_size=context.config.train.batch_size,
        seed=context.config.seed,
        folder=context.checkpoints,
        reporter=context.reporter,
    )


def photo_batches(context: RunContext, backbone: Any) -> EpochBatches:
    """Batches of the features of training photos as they are judged.

    Raises:
        UserError: fewer photos than one batch.
    """
    config, train = context.config, context.train
    order_of, steps = order_by_epoch(config, train)
    labels = train.label.to_numpy()
    progress = context.reporter.progress
    stored = [
        features_of_files(backbone, context.preprocessing, list(train.path), progress=progress),
        labels.astype(np.float32)[:, None],
    ]
    if config.data.balance == "class_weight":
        stored.append(class_weights(labels))

    def batches(epoch: int) -> FeatureBatches:
        return FeatureBatches(stored, order_of(epoch), config.train.batch_size)

    return EpochBatches(batches, steps)


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
    images: EpochBatches,
    *,
    passes: int,
    batch_size: int,
    seed: int,
    folder: Path,
    reporter: Reporter = SILENT,
) -> EpochBatches:
    """Batches of the features of batches of images.

    Args:
        backbone: from pixels to features of shape (batch, n).
        images: batches of them.
        passes: of how many epochs the features are kept; epoch e shows those of e modulo this.
        batch_size: images of a batch.
        seed: of the order within an epoch.
        folder: where finished passes are kept, for a training that is resumed.
        reporter: shows how far it has come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with reporter.bar(passes * images.steps, "features", unit="batches") as bar:
        stored = [
            _stored_pass(backbone, images.of, number, folder / f"features_{number}.npz", bar)
            for number in range(passes)
        ]

    def batches(epoch: int) -> FeatureBatches:
        arrays = stored[epoch % passes]
        order = np.random.default_rng([seed, epoch, 2]).permutation(len(arrays[0]))
        return FeatureBatches(arrays, order, batch_size)

    return EpochBatches(batches, images.steps)


def logits_of_features(
    head: keras.Model, features: Features | Sequence[Features]
) -> NDArray[np.float64]:
    """Logits of files from the features of each one's views: the mean over them, (files,)."""
    logits = head.predict(np.concatenate(features), batch_size=256, verbose=0)
    of_file = np.split(logits[:, 0].astype(np.float64), np.cumsum(list(map(len, features)))[:-1])
    return np.array([views.mean() for views in of_file])


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
