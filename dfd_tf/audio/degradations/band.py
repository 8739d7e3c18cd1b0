"""Loss of the high frequencies."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.data.batches.degradations.record import Degradation

_ORDER = 8


def below(samples: Samples, hertz: float) -> Samples:
    """Only what is below a frequency, without delay."""
    sections = butter(_ORDER, hertz, fs=RATE, output="sos")
    return np.clip(sosfiltfilt(sections, samples), -1, 1).astype(np.float32)


RECORDS = (
    Degradation(
        "band",
        lambda samples, hertz, rng: below(samples, hertz),
        words="nothing above {} Hz",
        steps=(6000, 4000, 3000),
        untouched=8000,
        axis="highest frequency, Hz",
        range=(3000, 7500),
    ),
)
