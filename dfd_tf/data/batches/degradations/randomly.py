"""Degradations of training images: which may strike, and at what strength they do.

The first four draw from one stream in one order, as in every run there has been. Each other one
draws from a stream of its own, seeded by its name, so that adding it moves nothing for the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection

import cv2
import numpy as np

from dfd_tf.data.batches.degradations.jpeg import jpeg
from dfd_tf.data.batches.degradations.record import DEGRADATIONS
from dfd_tf.data.batches.degradations.resize import resize
from dfd_tf.types import Image

FIRST = ("resize", "blur", "noise", "jpeg")
INTERPOLATIONS = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA, cv2.INTER_LANCZOS4)


def augmenting() -> tuple[str, ...]:
    """Names of the degradations that training can use: `FIRST`, then the others by name."""
    usable = {degradation.name for degradation in DEGRADATIONS if degradation.range is not None}
    return (*FIRST, *sorted(usable - set(FIRST)))


def own_stream(name: str, *seed: int) -> np.random.Generator:
    """What a degradation that is not one of `FIRST` draws from."""
    return np.random.default_rng([*seed, zlib.crc32(name.encode())])


def degrade_randomly(image: Image, kinds: Collection[str], seed: int) -> Image:
    """Apply the named degradations at random strength.

    JPEG comes last, as in life, so that no trace of the codec can tell the classes apart.

    Args:
        image: RGB image.
        kinds: some of `augmenting()`.
        seed: of the strengths.
    """
    rng = np.random.default_rng(seed)
    # All are drawn whether needed or not, so that one kind does not shift another's strength.
    scale, sigma, strength = (_draw(name, rng) for name in ("resize", "blur", "noise"))
    interpolation = INTERPOLATIONS[rng.integers(len(INTERPOLATIONS))]
    lowest, highest = _range("jpeg")
    quality = int(rng.integers(int(lowest), int(highest), endpoint=True))
    if "resize" in kinds:
        image = resize(image, scale, interpolation)
    if "blur" in kinds:
        image = DEGRADATIONS["blur"].apply(image, sigma, rng)
    if "noise" in kinds:
        image = DEGRADATIONS["noise"].apply(image, strength, rng)
    for name in sorted(set(kinds) - set(FIRST)):
        own = own_stream(name, seed)
        image = DEGRADATIONS[name].apply(image, _draw(name, own), own)
    return jpeg(image, quality) if "jpeg" in kinds else image


def _draw(name: str, rng: np.random.Generator) -> float:
    return rng.uniform(*_range(name))


def _range(name: str) -> tuple[float, float]:
    strengths = DEGRADATIONS[name].range
    if strengths is None:
        raise ValueError(f"{name!r} has no range to draw from; expected one of {augmenting()}")
    return strengths
