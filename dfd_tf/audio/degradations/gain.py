"""Loudness, up to where it is too much."""

from __future__ import annotations

import numpy as np

from dfd_tf.audio.reading import Samples
from dfd_tf.data.batches.degradations.record import Degradation


def amplified(samples: Samples, decibels: float) -> Samples:
    """Louder or softer; what exceeds full scale is cut off."""
    return np.clip(samples * np.float32(10 ** (decibels / 20)), -1, 1)


RECORDS = (
    Degradation(
        "gain",
        lambda samples, decibels, rng: amplified(samples, decibels),
        words="amplified by {} dB",
        steps=(-20, 20),
        axis="gain, dB",
        range=(-20, 15),
    ),
)
