"""What is known of the pretrained weights of one architecture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from dfd_tf.pretrained.sources import Source

IMAGENET = "the photos of ImageNet: non-commercial research"


@dataclass(frozen=True)
class Pretrained:
    """The weights for one architecture.

    Attributes:
        source: where they are found, with their licence.
        weight_map: from a built detector to pairs of layer names, ours and the source's.
        features: our layer whose output is the backbone's.
    """

    source: Source
    weight_map: Callable[[keras.Model], dict[str, str]]
    features: str = "gap"
