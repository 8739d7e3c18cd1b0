"""Noise of a place or of a microphone."""

from __future__ import annotations

import numpy as np

from dfd_tf.audio.reading import Samples
from dfd_tf.audio.signals import at_level, level
from dfd_tf.data.batches.degradations.record import Degradation

STEEPEST = 2.0  # power falls with frequency to the minus this: brown noise; 0 is white


def noisy(samples: Samples, snr: float, rng: np.random.Generator) -> Samples:
    """With noise of a random colour, from white to brown, `snr` dB below the sound."""
    n = len(samples)
    spectrum = rng.standard_normal(n // 2 + 1) + 1j * rng.standard_normal(n // 2 + 1)
    bins = np.maximum(np.arange(n // 2 + 1), 1)
    coloured = np.fft.irfft(spectrum * bins ** (-rng.uniform(0, STEEPEST) / 2), n)
    added = at_level(coloured.astype(np.float32), level(samples) - snr)
    return np.clip(samples + added, -1, 1)


RECORDS = (
    Degradation(
        "noise",
        noisy,
        words="noise {} dB below the sound",
        steps=(20, 10, 5),
        untouched=60,
        axis="signal to noise, dB",
        range=(5, 35),
    ),
)
