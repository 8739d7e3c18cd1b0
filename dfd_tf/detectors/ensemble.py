"""Several detectors as one: their logits, weighed and added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
from keras import layers

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector

LOGITS = "logits"  # the layer that holds what each member says


def unite(members: Sequence[Detector]) -> keras.Model:
    """Build the network of an ensemble, its weights of the members still random.

    Each member sees the middle of the ensemble's square, as large as it is used to, which is what
    it would cut out of the image itself.

    Args:
        members: detectors with Keras models.

    Returns:
        Model from (batch, size, size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    size = preprocessing_of(members).size
    pixels = keras.Input((size, size, 3), name="pixels")
    logits = [
        # Two members may have the same name.
        keras.Model(member.network.input, member.network.output, name=f"member{number}")(
            _middle(pixels, size, member.preprocessing.size, number)
        )
        for number, member in enumerate(members)
    ]
    said = layers.Concatenate(name=LOGITS)(logits)
    return keras.Model(pixels, layers.Dense(1, name="logit")(said), name="ensemble")


def preprocessing_of(members: Sequence[Detector]) -> Preprocessing:
    """How images become inputs of an ensemble: as for its member with the largest input.

    Raises:
        UserError: a member does not see one native crop from the middle of an image, or sees
            other scales than the first.
    """
    largest = max((member.preprocessing for member in members), key=lambda p: p.size)
    for member in members:
        own = member.preprocessing
        if own != replace(largest, size=own.size) or (own.policy, own.views) != ("crop", 1):
            raise UserError(
                f"{member.info.name} looks at images otherwise than an ensemble does: it has "
                f"{own.to_dict()}, the largest member {largest.to_dict()}. Expected the policy "
                "crop, one view and the same native_side for all."
            )
    return largest


def _middle(pixels: Any, size: int, side: int, number: int) -> Any:
    if side == size:
        return pixels
    before = (size - side) // 2
    margins = (before, size - side - before)
    return layers.Cropping2D((margins, margins), name=f"middle{number}")(pixels)
