"""How loud a video's sound is over time: what its page draws."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfd_tf.audio.reading import RATE, Samples, read_sound
from dfd_tf.errors import Unusable
from dfd_tf.types import Floats
from dfd_tf.video.reading.lateness import sound_begins_late

POINTS = 600


class Waveform(NamedTuple):
    """The envelope of a sound.

    Attributes:
        times: of its points, in seconds of the video, rising, shape (n,).
        loudness: root of the mean square around each, of the loudest; shape (n,).
        begins: when the sound does, in seconds of the video.
        ends: likewise.
    """

    times: Floats
    loudness: Floats
    begins: float
    ends: float


def waveform_of(path: str | Path) -> Waveform | None:
    """The envelope of a video's sound; None where none can be read."""
    try:
        samples = read_sound(path).samples
        begins = sound_begins_late(path)
    except Unusable:
        return None
    loudness = envelope(samples)
    seconds = len(samples) / RATE
    times = begins + (np.arange(len(loudness)) + 0.5) * seconds / len(loudness)
    return Waveform(times, loudness, begins, begins + seconds)


def envelope(samples: Samples) -> Floats:
    """Root of the mean square of `POINTS` stretches as a share of the loudest's, shape (n,)."""
    edges = np.linspace(0, len(samples), min(POINTS, len(samples)) + 1).astype(np.int64)
    energy = np.add.reduceat(np.square(samples, dtype=np.float64), edges[:-1])
    loudness = np.sqrt(energy / np.diff(edges))
    return np.asarray(loudness / max(float(loudness.max()), 1e-9))
