"""What is known of the pretrained weights of one architecture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dfd_tf.pretrained.hub import HubPreset, HubPresets
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

    source: Source | HubPresets
    weight_map: Callable[[keras.Model], dict[str, str]]
    features: str = "gap"

    def source_for(self, arguments: Mapping[str, Any]) -> Source | HubPreset:
        """Where the weights are, for a network built with these arguments."""
        return self.source.of(arguments) if isinstance(self.source, HubPresets) else self.source
