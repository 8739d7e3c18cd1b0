"""What a degradation's record holds, and all degradations there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from dfd_tf.records import Registry
from dfd_tf.types import Image

Signal = TypeVar("Signal")


@dataclass(frozen=True)
class Degradation(Generic[Signal]):
    """One thing that happens to photos, or to another kind of example on its way.

    Attributes:
        name: what configurations and results call it.
        apply: from an RGB image, uint8, shape (height, width, 3), a strength and a generator to the
            degraded image; it leaves the image that it is given as it was. Of sound, from samples
            to as many samples.
        words: with "{}" where the strength stands.
        steps: the strengths of the robustness protocol, each a step; none: it has no step there.
        untouched: the strength at which nothing happens.
        axis: what the strength is, for the axis of a curve; empty where there is no strength: its
            one step is 0.
        range: strengths from which augmentation draws evenly; None: training does not use it.
        keeps_size: whether the degraded image has the shape of the image. What does not asks how
            large a face must be rather than what a photo of that size survives, so it stands
            outside the mean of the robustness protocol.
        extra: of the package that it needs; empty where it needs none. What needs one stands
            outside the mean as well, so that the mean is of the same steps everywhere.
    """

    name: str
    apply: Callable[[Signal, float, np.random.Generator], Signal]
    words: str
    steps: tuple[float, ...] = ()
    untouched: float = 0.0
    axis: str = ""
    range: tuple[float, float] | None = None
    keeps_size: bool = True
    extra: str = ""

    @property
    def in_mean(self) -> bool:
        """Whether its steps count in the mean of the robustness protocol."""
        return self.keeps_size and not self.extra


DEGRADATIONS: Registry[Degradation[Image]] = Registry(
    Degradation,
    package="dfd_tf.data.batches.degradations",
    group="dfd_tf.degradations",
    first=("jpeg", "webp", "blur", "resize", "noise", "social"),
)
