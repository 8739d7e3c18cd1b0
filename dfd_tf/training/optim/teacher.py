"""Learn from another detector's probabilities instead of labels alone.

Of every image, changed as the student sees it, the target is a mean of its label and of what the
teacher says. Hinton et al., arXiv:1503.02531; that both must see the same changed image, and for
long: Beyer et al., CVPR 2022, arXiv:2106.05237.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from dfd_tf.config import RunConfig
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError


class Teacher:
    """Gives batches new targets.

    Args:
        network: from (batch, size, size, 3) pixels in [0, 255] to (batch, 1) logits.
        share: of the teacher in a target; the rest is the label's.
    """

    def __init__(self, network: keras.Model, share: float) -> None:
        network.trainable = False
        self.network = network
        self.share = share

    def teach(self, batches: Iterable[Any]) -> Iterable[Any]:
        """The batches of an epoch, of tf.data or of arrays, with targets for labels."""
        if keras.backend.backend() == "tensorflow":
            return batches.map(self._in_graph)  # type: ignore[attr-defined]
        return _Taught(batches, self)

    def targets(self, labels: Any, logits: Any) -> Any:
        """Means of labels and of the teacher's probabilities, (batch, 1)."""
        return (1 - self.share) * labels + self.share * keras.ops.sigmoid(logits)

    def _in_graph(self, images: Any, labels: Any, *rest: Any) -> tuple[Any, ...]:
        return images, self.targets(labels, self.network(images, training=False)), *rest


class _Taught(keras.utils.PyDataset):
    """Batches whose targets are made when they are asked for, on the device that trains."""

    def __init__(self, batches: Any, teacher: Teacher) -> None:
        super().__init__()
        self.batches = batches
        self.teacher = teacher

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        images, labels, *rest = self.batches[index]
        logits = self.teacher.network.predict_on_batch(images)
        return images, np.asarray(self.teacher.targets(labels, logits)), *rest


def load_teacher(config: RunConfig, preprocessing: Preprocessing) -> Teacher | None:
    """What `train.teacher` names, if anything.

    Raises:
        UserError: there is no such detector, or it sees images otherwise than the student does.
    """
    where = config.train.teacher
    if where is None:
        return None
    detector = load_detector(where, engine="keras")
    theirs = detector.preprocessing
    if (theirs.size, theirs.policy) != (preprocessing.size, preprocessing.policy):
        raise UserError(
            f"train.teacher: {where!r} sees images by policy {theirs.policy} at {theirs.size} "
            f"pixels, this detector by {preprocessing.policy} at {preprocessing.size}. Set "
            "preprocess.policy and model.args.input_size to the teacher's."
        )
    return Teacher(detector.network, config.train.teacher_share)
