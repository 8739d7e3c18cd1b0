"""What of a recording shows how it was made and cut, not who speaks or whether anybody does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.signal import welch

from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.audio.signals import decibels
from dfd_tf.audio.windows import BELOW_LOUD, loudness

FRAMES_A_SECOND = 100
BELOW_PEAK = 50.0  # dB under the strongest frequency, where the band ends


class Silence(NamedTuple):
    """Where nobody speaks.

    Attributes:
        leading: seconds before the first sound.
        trailing: seconds after the last.
        share: of what is quiet between them.
    """

    leading: float
    trailing: float
    share: float


def silence(samples: Samples) -> Silence:
    """Silence in a recording: what is 35 dB below its loud parts."""
    loud = loudness(samples)
    heard = loud > BELOW_LOUD * np.percentile(loud, 95) if len(loud) else np.zeros(0, bool)
    if not heard.any():
        return Silence(len(samples) / RATE, 0.0, 0.0)
    first, last = np.flatnonzero(heard)[[0, -1]]
    return Silence(
        first / FRAMES_A_SECOND,
        (len(heard) - 1 - last) / FRAMES_A_SECOND,
        float(1 - heard[first : last + 1].mean()),
    )


def bandwidth(samples: Samples) -> float:
    """Highest frequency, in Hz, that is not `BELOW_PEAK` under the strongest one."""
    hertz, power = welch(samples, RATE, nperseg=min(512, len(samples)))
    levels = decibels(power)
    return float(hertz[np.flatnonzero(levels >= levels.max() - BELOW_PEAK)[-1]])


def offset(samples: Samples) -> float:
    """Mean of the samples, in parts of what they vary by: 0 but for a fault of the recorder."""
    return float(samples.mean() / max(float(samples.std()), 1e-6))


def noise_floor(samples: Samples) -> float:
    """How far the quietest twentieth of a recording is below its loud parts, in dB; at most 100."""
    loud = loudness(samples)
    if not len(loud) or not loud.max():
        return 0.0
    ratio = np.percentile(loud, 5) / np.percentile(loud, 95)
    return float(-20 * np.log10(max(ratio, 1e-5)))
