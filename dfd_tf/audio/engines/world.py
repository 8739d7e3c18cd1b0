"""Copies of real speech by WORLD: pitch, spectral envelope and aperiodicity, put together again."""

from __future__ import annotations

import numpy as np

from dfd_tf.audio.engines.programs import needs_packages
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import RATE, Samples

_DIMENSIONS = (24, 40, 60)  # of the envelope, as statistical synthesis codes it


def _copy(order: Order) -> Samples:
    import pyworld

    real = order.real.astype(np.float64)
    pitch, envelope, aperiodicity = pyworld.wav2world(real, RATE)
    dimensions = int(order.rng.choice(_DIMENSIONS))
    coded = pyworld.code_spectral_envelope(envelope, RATE, dimensions)
    envelope = pyworld.decode_spectral_envelope(coded, RATE, 2 * (envelope.shape[1] - 1))
    higher = order.rng.uniform(0.95, 1.06)
    copy = pyworld.synthesize(pitch * higher, envelope, aperiodicity, RATE)
    return np.clip(np.resize(copy, len(real)), -1, 1).astype(np.float32)


RECORDS = (
    Engine(
        "world",
        "real speech through the vocoder WORLD",
        _copy,
        needs_packages("pip install pyworld", "pyworld"),
    ),
)
