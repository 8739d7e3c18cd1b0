"""The robustness protocol: which degradations, how strong, in which order of curves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dfd_tf.data.batches import degradations as degrade
from dfd_tf.types import Image

CLEAN = "clean"


@dataclass(frozen=True)
class Step:
    """One degradation at one strength.

    Attributes:
        name: Unique, such as "jpeg-75".
        kind: Of the degradation: the curve that the step belongs to.
        strength: Quality, sigma in pixels, scale or sigma in grey levels; 0 where there is none.
        apply: From an RGB image and a generator to the degraded image, of the same shape.
    """

    name: str
    kind: str
    strength: float
    apply: Callable[[Image, np.random.Generator], Image]


def _steps(
    kind: str,
    strengths: tuple[float, ...],
    apply: Callable[[Image, float, np.random.Generator], Image],
) -> list[Step]:
    def at(strength: float) -> Step:
        return Step(
            f"{kind}-{strength:g}", kind, strength, lambda image, rng: apply(image, strength, rng)
        )

    return [at(strength) for strength in strengths]


PROTOCOL: tuple[Step, ...] = (
    Step(CLEAN, CLEAN, 0, lambda image, rng: image),
    *_steps("jpeg", (95, 85, 75, 60, 45, 30), lambda i, q, rng: degrade.jpeg(i, int(q))),
    *_steps("webp", (80,), lambda i, q, rng: degrade.webp(i, int(q))),
    *_steps("blur", (0.5, 1, 2, 3), lambda i, sigma, rng: degrade.blur(i, sigma)),
    *_steps("resize", (0.75, 0.5, 0.25), lambda i, scale, rng: degrade.resize(i, scale)),
    *_steps("noise", (2, 5, 10), degrade.noise),
    Step("social", "social", 0, lambda image, rng: degrade.social(image)),
)


def generator_for(name: str, step: Step) -> np.random.Generator:
    """Noise of its own for each image and step, the same in every run and order.

    Args:
        name: Of the image, unique in the dataset and without its place on the machine.
        step: Of the protocol.
    """
    digest = hashlib.sha256(f"{step.name}\0{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))
