"""Compression as MP3, AAC and Opus, and as telephones code speech."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfd_tf.audio.encoding import encoded
from dfd_tf.audio.reading import Samples, read_sound
from dfd_tf.data.batches.degradations.record import Degradation

TELEPHONE = 8_000  # Hz
LEAST = 1_600  # samples; of shorter sound, what encoders put before it is all there is
# Containers that say how much an encoder has put before the sound, so that it stays in its place.
CODECS = {"mp3": ("libmp3lame", "mp3"), "aac": ("aac", "mp4"), "opus": ("libopus", "ogg")}


def compressed(samples: Samples, codec: str, kilobits: float) -> Samples:
    """What is left of sound at so many kbit/s; `codec` is one of `CODECS`."""
    encoder, container = CODECS[codec]
    whole = np.pad(samples, (0, max(0, LEAST - len(samples))))
    return _again(samples, encoded(whole, encoder, container, bit_rate=round(1000 * kilobits)))


def telephoned(samples: Samples, law: str) -> Samples:
    """Through a telephone line of 8 kHz, A-law or mu-law (ITU-T G.711); `law` is "a" or "mu"."""
    return _again(samples, encoded(samples, f"pcm_{law}law", "wav", rate=TELEPHONE))


def _again(samples: Samples, file: bytes) -> Samples:
    """As many samples as there were; codecs work in blocks, and round up or down."""
    decoded = read_sound(file).samples[: len(samples)]
    return np.pad(decoded, (0, len(samples) - len(decoded)))


def _at(codec: str) -> Callable[[Samples, float, np.random.Generator], Samples]:
    return lambda samples, kilobits, rng: compressed(samples, codec, kilobits)


def _any_law(samples: Samples, strength: float, rng: np.random.Generator) -> Samples:
    return telephoned(samples, str(rng.choice(["a", "mu"])))


def _record(
    name: str, called: str, steps: tuple[int, ...], drawn: tuple[int, int]
) -> Degradation[Samples]:
    return Degradation(
        name,
        _at(name),
        words=f"{called} at {{}} kbit/s",
        steps=steps,
        untouched=256,
        axis=f"{called}, kbit/s",
        range=drawn,
    )


RECORDS = (
    _record("mp3", "MP3", (64, 32, 16), (16, 96)),
    _record("aac", "AAC", (64, 32, 16), (16, 96)),
    _record("opus", "Opus", (32, 16, 8), (8, 48)),  # messengers and calls
    Degradation("g711", _any_law, words="telephone, G.711", steps=(0,), range=(0, 1)),
)
