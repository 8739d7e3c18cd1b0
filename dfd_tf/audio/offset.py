"""How far the sound of speech comes after the lips that speak it, in seconds, with an interval.

Lips open as the sound grows, so both are followed by how they change from one moment to the next,
and shifted against one another until they agree best. Editing, transmission and cameras shift
sound, too: this is a figure to look at, never a verdict.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.types import Floats

STEPS_A_SECOND = 25
FARTHEST = 12  # steps that are tried in either direction
LEAST_SECONDS = 2.0
BLOCK = 13  # steps, half a second, that the bootstrap draws as one
RESAMPLES = 1000
LEVEL = 0.95
LOUDNESS = 0.3  # power of intensity as which loudness grows (Stevens, J. Acoust. Soc. Am. 1955)


class Offset(NamedTuple):
    """What is found; positive where the sound comes after the lips.

    Attributes:
        seconds: by which it does.
        low: lower end of the 95 % interval.
        high: upper end.
        agreement: correlation of lips and sound at that offset, -1 to 1.
    """

    seconds: float
    low: float
    high: float
    agreement: float


def offset_of(times: Floats, opening: Floats, samples: Samples) -> Offset | None:
    """The offset of sound against lips, by the maximum of their cross-correlation.

    Args:
        times: of the looks at the mouth, in seconds of the sound, rising, shape (n,); as many a
            second as there are frames.
        opening: of the mouth at those times, in any unit, shape (n,).
        samples: mono at 16 kHz.

    Returns:
        None where less than `LEAST_SECONDS` were seen and heard, or nothing changes. The interval
        is by block bootstrap over stretches of half a second; it is wide where other offsets agree
        about as well.
    """
    lips, sound = (_standardised(each) for each in _changes(times, opening, samples))
    n = len(lips)
    if n < LEAST_SECONDS * STEPS_A_SECOND or not (lips.any() and sound.any()):
        return None
    # (n, offsets): what each step adds to the correlation at each offset.
    terms = lips[:, None] * sliding_window_view(np.pad(sound, FARTHEST), 2 * FARTHEST + 1)
    agreement = terms.mean(axis=0)
    best = int(agreement.argmax())
    low, high = np.quantile(_bests(terms), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    seconds = (np.array([best, min(low, best), max(high, best)]) - FARTHEST) / STEPS_A_SECOND
    value, lower, upper = map(float, seconds)
    return Offset(value, lower, upper, float(agreement[best]))


def _changes(times: Floats, opening: Floats, samples: Samples) -> tuple[Floats, Floats]:
    """How lips and loudness change from step to step, over the time that both are there."""
    if not len(times):
        return np.zeros(0), np.zeros(0)
    steps = np.arange(times[0], min(times[-1], len(samples) / RATE), 1 / STEPS_A_SECOND)
    edges = np.append(steps, steps[-1:] + 1 / STEPS_A_SECOND)
    places = np.clip(np.round(edges * RATE).astype(np.int64), 0, len(samples))
    energy = np.append(0, np.cumsum(np.square(samples, dtype=np.float64)))[places]
    loudness = (np.diff(energy) / np.maximum(np.diff(places), 1)) ** LOUDNESS
    return np.diff(np.interp(steps, times, opening)), np.diff(loudness)


def _standardised(values: Floats) -> Floats:
    """Without mean, of variance 1; zeros where all are alike."""
    spread = values.std() if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def _bests(terms: Floats) -> NDArray[np.int64]:
    """The best offset of each resample, as a column of `terms`."""
    n = len(terms)
    starts = np.random.default_rng(0).integers(n, size=(RESAMPLES, -(-n // BLOCK)))
    drawn = (starts[..., None] + np.arange(BLOCK)).reshape(RESAMPLES, -1)[:, :n] % n
    counts = np.stack([np.bincount(some, minlength=n) for some in drawn])
    return np.asarray((counts @ terms).argmax(axis=1), np.int64)
