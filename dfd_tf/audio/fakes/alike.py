"""Real speech and its fakes made alike in all that shows how a recording was made.

A fake takes over from the real recording that it stands beside: how long it is, how much silence
it has, its mean spectrum (microphone, room and bandwidth), noise and level. The real recording
passes the same steps. What is left to tell them apart is finer than these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfd_tf.audio.reading import RATE, Samples, UnusableSound
from dfd_tf.audio.signals import CENTRES, at_level, decibels, filtered, spectrum
from dfd_tf.audio.traits import silence
from dfd_tf.audio.windows import BELOW_LOUD, FRAME, loudness, speech_of
from dfd_tf.types import Floats

LEVEL = -26.0  # dB of full scale, as telephony has it (ITU-T P.56)
KEPT = 0.9  # of the speech of a real recording, so that it is cut somewhere, as fakes are
MOST_SECONDS = 6.0
LEAST_SECONDS = 0.8
CUTS = 100  # that are tried for one whose silence is like that of the real recording
_DB_A_SECOND = 100.0  # of silence, where unlike cuts are compared
_NOISE = (28.0, 40.0)  # dB below speech
_PAUSES = (5, 3, 2, 1, 0)  # frames of 10 ms that a pause may last; of real speech the first
_MOST_GAIN = 30.0  # dB
_TILT = 3.0  # dB, the deviation of what both classes' spectra are bent by
_BENT_AT = (100, 400, 1200, 3500, 8000)  # Hz
_PASSES = 2  # of the filter, which the limited gain and the cut leave inexact
_FADE = RATE // 200


@dataclass(frozen=True)
class Mould:
    """What a real recording and its fakes have in common.

    Attributes:
        n: samples.
        profile: of silence and loudness, of the real recording once it is cut.
        spectrum: in the bands of `CENTRES`, dB, shape (bands,).
        noise: dB below speech.
    """

    n: int
    profile: Floats
    spectrum: Floats
    noise: float


def spoken_part(samples: Samples) -> Samples:
    """From the first to the last word, at `LEVEL`, pauses between them shortened to 50 ms.

    Raises:
        UnusableSound: there is no speech, or less than `LEAST_SECONDS`.
    """
    speech = _without_pauses(samples[speech_of(samples)], _PAUSES[0])
    if len(speech) < LEAST_SECONDS * RATE:
        raise UnusableSound(f"too short: {len(speech) / RATE:.1f} s of speech")
    return at_level(speech, LEVEL)


def _without_pauses(speech: Samples, longest: int) -> Samples:
    loud = loudness(speech)
    quiet = loud < BELOW_LOUD * np.percentile(loud, 95)
    run = np.zeros(len(quiet), np.int64)  # of quiet frames, up to and with each
    for i in range(1, len(quiet)):
        run[i] = (run[i - 1] + 1) * quiet[i]
    kept = np.repeat(run <= longest, FRAME)
    return np.asarray(speech[: len(kept)][kept], np.float32)


def mould(speech: Samples, rng: np.random.Generator) -> tuple[Mould, Samples]:
    """A real recording cast, and the mould for its fakes.

    Args:
        speech: its spoken part.
        rng: of where it is cut, how its spectrum is bent, and the noise.
    """
    n = min(int(KEPT * len(speech)), int(MOST_SECONDS * RATE))
    start = int(rng.integers(len(speech) - n + 1))
    cut = speech[start : start + n]
    bent = np.interp(np.log(CENTRES), np.log(_BENT_AT), rng.normal(0, _TILT, len(_BENT_AT)))
    form = Mould(n, _profile(cut), spectrum(cut) + bent, rng.uniform(*_NOISE))
    return form, _finished(cut, form, rng)


def cast(speech: Samples, form: Mould, rng: np.random.Generator) -> Samples:
    """A fake in the mould of a real recording.

    Args:
        speech: its spoken part, at least as long as the mould.
        form: from `mould`.
        rng: of the noise, and of where it is cut.
    """
    shortened = [_without_pauses(speech, longest) for longest in _PAUSES]
    long_enough = [each for each in shortened if len(each) >= form.n] or [speech]
    cuts = [
        each[start : start + form.n]
        for each in long_enough
        for start in rng.integers(len(each) - form.n + 1, size=CUTS // len(long_enough))
    ]
    return _finished(min(cuts, key=lambda cut: _unlike(_profile(cut), form.profile)), form, rng)


def _profile(cut: Samples) -> Floats:
    """How much of it is silent, and how far below its loud parts its quieter ones are, in dB."""
    loud = loudness(cut)
    below = np.percentile(loud, (5, 10, 25, 50)) / np.percentile(loud, 95)
    return np.array([_DB_A_SECOND * sum(silence(cut)), *decibels(below**2)])


def _unlike(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).sum())


def _finished(cut: Samples, form: Mould, rng: np.random.Generator) -> Samples:
    shaped = cut
    for _ in range(_PASSES):
        gains = form.spectrum - spectrum(shaped)
        shaped = filtered(shaped, np.clip(gains - np.median(gains), -_MOST_GAIN, _MOST_GAIN))
    noisy = _faded(at_level(shaped, LEVEL) + _noise(form, rng))
    return at_level(noisy - noisy.mean(), LEVEL)


def _noise(form: Mould, rng: np.random.Generator) -> Samples:
    """Noise that falls with frequency as rooms' does, half as steeply as speech."""
    falling = np.broadcast_to(-10 * np.log10(CENTRES / CENTRES[0]) / 2, CENTRES.shape)
    white = rng.standard_normal(form.n).astype(np.float32)
    return at_level(filtered(white, np.asarray(falling)), LEVEL - form.noise)


def _faded(samples: Samples) -> Samples:
    """Without the clicks of a cut: 5 ms in, 5 ms out."""
    rise = np.linspace(0, 1, _FADE, dtype=np.float32)
    faded = samples.copy()
    faded[:_FADE] *= rise
    faded[-_FADE:] *= rise[::-1]
    return faded
