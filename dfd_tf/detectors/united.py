"""The Keras side of an ensemble: its weights, and all of it as one graph for exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import keras
from keras import layers, ops

from dfd_tf.calibration.rules import LEAST
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.ensemble import Ensemble
from dfd_tf.detectors.info import RuleName
from dfd_tf.errors import UserError
from dfd_tf.layers import NoisyOr

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector

OPERATIONS = SimpleNamespace(maximum=ops.maximum, softplus=ops.softplus)


def weighing(members: int, rule: RuleName = "sum") -> keras.Model:
    """What a bundle of an ensemble holds: from the members' answers, (batch, n), to the logit."""
    said = keras.Input((members,), name="said")
    join = NoisyOr(LEAST, name="logit") if rule == "noisy-or" else layers.Dense(1, name="logit")
    return keras.Model(said, join(said), name="weighing")


def unite(members: Sequence[Detector], made: Ensemble, weighed: keras.Model) -> keras.Model:
    """Build an ensemble of members that look at images alike as one network.

    Each member sees the middle of the ensemble's square, as large as it is used to, which is what
    it would cut out of the image itself.

    Args:
        members: detectors with Keras models.
        made: the ensemble of them.
        weighed: see `weighing`.

    Returns:
        Model from (batch, size, size, 3) pixels in [0, 255] to what `Ensemble.joined` gives.

    Raises:
        UserError: see `preprocessing_of`.
    """
    size = preprocessing_of(members).size
    pixels = keras.Input((size, size, 3), name="pixels")
    answers = [
        # Two members may have the same name.
        keras.Model(member.answering.input, member.answering.output, name=f"member{number}")(
            _middle(pixels, size, member.preprocessing.size, number)
        )
        for number, member in enumerate(members)
    ]
    logits = [answer[:, :1] for answer in answers]
    if made.calibrations:
        pairs = zip(made.calibrations, logits, strict=True)
        logits = [calibration.log_odds(logit, OPERATIONS) for calibration, logit in pairs]
    said = [weighed(layers.Concatenate()(logits)), *_farthest(answers, made)]
    return keras.Model(pixels, layers.Concatenate()(said), name="ensemble")


def _farthest(answers: Sequence[Any], made: Ensemble) -> list[Any]:
    """Distances as `Ensemble.joined` has them; none where no member measures any."""
    relative = [
        answer[:, 1:] / ops.convert_to_tensor([[novelty.from_reals, novelty.from_known]], "float32")
        for answer, novelty in zip(answers, made.novelties, strict=True)
        if novelty is not None
    ]
    return [reduce(ops.maximum, relative)] if relative else []


def preprocessing_of(members: Sequence[Detector]) -> Preprocessing:
    """How images become inputs of the one graph: as for the member with the largest input.

    Raises:
        UserError: a member does not see one native crop from the middle of an image, or sees
            other scales than the largest.
    """
    largest = largest_of(members)
    for member in members:
        own = member.preprocessing
        if own != replace(largest, size=own.size) or (own.policy, own.views) != ("crop", 1):
            raise UserError(
                f"{member.info.name} looks at images otherwise than the others: it has "
                f"{own.to_dict()}, the largest member {largest.to_dict()}. Such an ensemble is no "
                "single graph: use its members, or dfd_tf itself, where it is judged."
            )
    return largest


def largest_of(members: Sequence[Detector]) -> Preprocessing:
    """How the member with the largest input looks at images."""
    return max((member.preprocessing for member in members), key=lambda own: own.size)


def _middle(pixels: Any, size: int, side: int, number: int) -> Any:
    if side == size:
        return pixels
    before = (size - side) // 2
    margins = (before, size - side - before)
    return layers.Cropping2D((margins, margins), name=f"middle{number}")(pixels)
