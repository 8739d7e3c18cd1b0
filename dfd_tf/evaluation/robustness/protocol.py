"""The robustness protocol: which degradations, how strong, in which order of curves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfd_tf.audio.degradations.record import SOUND_DEGRADATIONS
from dfd_tf.data.batches.degradations.record import DEGRADATIONS, Degradation
from dfd_tf.types import Takes

CLEAN = "clean"


@dataclass(frozen=True)
class Step:
    """One degradation at one strength.

    Attributes:
        name: Unique, such as "jpeg-75".
        kind: Of the degradation: the curve that the step belongs to.
        strength: Quality, sigma in pixels, scale or sigma in grey levels; 0 where there is none.
        apply: From an RGB image, or samples, and a generator to what is left of it.
        in_mean: Whether it counts in the mean over all degradations.
        words: What the photo, or the sound, then is.
        axis: What the strength is, with its unit.
        untouched: The strength that changes nothing.
    """

    name: str
    kind: str
    strength: float
    apply: Callable[[Any, np.random.Generator], Any]
    in_mean: bool = True
    words: str = "as it is"
    axis: str = ""
    untouched: float = 0

    @property
    def facts(self) -> dict[str, Any]:
        """All but the name and the function, for JSON."""
        names = ("kind", "strength", "words", "axis", "untouched", "in_mean")
        return {name: getattr(self, name) for name in names}


def _steps(degradation: Degradation[Any]) -> list[Step]:
    def at(strength: float) -> Step:
        name = f"{degradation.name}-{strength:g}" if degradation.axis else degradation.name
        return Step(
            name,
            degradation.name,
            strength,
            lambda given, rng: degradation.apply(given, strength, rng),
            degradation.in_mean,
            degradation.words.format(f"{strength:g}"),
            degradation.axis,
            degradation.untouched,
        )

    return [at(strength) for strength in degradation.steps]


def protocol_for(takes: Takes) -> tuple[Step, ...]:
    """The steps for images, or for sound."""
    records = SOUND_DEGRADATIONS if takes == "sound" else DEGRADATIONS
    return (
        Step(CLEAN, CLEAN, 0, lambda given, rng: given),
        *(step for degradation in records for step in _steps(degradation)),
    )


def generator_for(name: str, step: Step) -> np.random.Generator:
    """Noise of its own for each image and step, the same in every run and order.

    Args:
        name: Of the image, unique in the dataset and without its place on the machine.
        step: Of the protocol.
    """
    digest = hashlib.sha256(f"{step.name}\0{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))
