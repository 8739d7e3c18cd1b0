"""The robustness protocol: which degradations, how strong, in which order of curves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dfd_tf.data.batches.degradations.record import DEGRADATIONS, Degradation
from dfd_tf.types import Image

CLEAN = "clean"


@dataclass(frozen=True)
class Step:
    """One degradation at one strength.

    Attributes:
        name: Unique, such as "jpeg-75".
        kind: Of the degradation: the curve that the step belongs to.
        strength: Quality, sigma in pixels, scale or sigma in grey levels; 0 where there is none.
        apply: From an RGB image and a generator to the degraded image.
        in_mean: Whether it counts in the mean over all degradations.
    """

    name: str
    kind: str
    strength: float
    apply: Callable[[Image, np.random.Generator], Image]
    in_mean: bool = True


def _steps(degradation: Degradation[Image]) -> list[Step]:
    def at(strength: float) -> Step:
        name = f"{degradation.name}-{strength:g}" if degradation.axis else degradation.name
        return Step(
            name,
            degradation.name,
            strength,
            lambda image, rng: degradation.apply(image, strength, rng),
            degradation.in_mean,
        )

    return [at(strength) for strength in degradation.steps]


PROTOCOL: tuple[Step, ...] = (
    Step(CLEAN, CLEAN, 0, lambda image, rng: image),
    *(step for degradation in DEGRADATIONS for step in _steps(degradation)),
)


def generator_for(name: str, step: Step) -> np.random.Generator:
    """Noise of its own for each image and step, the same in every run and order.

    Args:
        name: Of the image, unique in the dataset and without its place on the machine.
        step: Of the protocol.
    """
    digest = hashlib.sha256(f"{step.name}\0{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))
