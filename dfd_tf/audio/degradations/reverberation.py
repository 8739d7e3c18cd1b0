"""The echo of a room."""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve

from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.audio.signals import at_level, level
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Floats

_DIRECT = (0.0, 12.0)  # dB that the direct sound is above its echo


def reverberant(samples: Samples, seconds: float, rng: np.random.Generator) -> Samples:
    """In a room whose echo takes so many seconds to fall by 60 dB; as loud as before."""
    heard = fftconvolve(samples, impulse_response(seconds, rng))[: len(samples)]
    return at_level(heard.astype(np.float32), level(samples))


def impulse_response(seconds: float, rng: np.random.Generator) -> Floats:
    """What a clap sounds like: itself at once, then noise that dies away."""
    time = np.arange(1, int(seconds * RATE) + 1) / RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail *= 10 ** (-rng.uniform(*_DIRECT) / 20) / np.sqrt(np.square(tail).sum())
    return np.concatenate([[1.0], tail])


RECORDS = (
    Degradation(
        "reverberation",
        reverberant,
        words="an echo of {} s",
        steps=(0.3, 0.6, 1.0),
        axis="seconds until the echo is 60 dB down",
        range=(0.1, 0.8),
    ),
)
