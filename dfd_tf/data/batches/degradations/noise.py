"""Noise of a sensor in the dark."""

from __future__ import annotations

import numpy as np

from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image


def noise(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Add Gaussian noise of `sigma` grey levels, independent in every pixel and channel."""
    noisy = image + sigma * rng.standard_normal(image.shape, dtype=np.float32)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


RECORDS = (
    Degradation(
        "noise",
        noise,
        words="noise, sigma {} of 255 grey levels",
        steps=(2, 5, 10),
        axis="noise, sigma in grey levels",
        range=(1.0, 6.0),
    ),
)
