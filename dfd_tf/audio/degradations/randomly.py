"""Degradations of training sound: which may strike, in the order of life, at random strength."""

from __future__ import annotations

from collections.abc import Collection

from dfd_tf.audio.degradations.record import SOUND_DEGRADATIONS
from dfd_tf.audio.reading import Samples
from dfd_tf.data.batches.degradations.randomly import own_stream

# A room, a microphone and its line; whatever else there is; then what is sent is compressed.
_FIRST, _LAST = ("reverberation", "noise", "gain", "band"), ("g711", "aac", "opus", "mp3")


def augmenting() -> tuple[str, ...]:
    """Names of the degradations that training can use, in the order in which they strike."""
    usable = {record.name for record in SOUND_DEGRADATIONS if record.range is not None}
    others = sorted(usable - {*_FIRST, *_LAST})
    return tuple(name for name in (*_FIRST, *others, *_LAST) if name in usable)


def degrade_randomly(samples: Samples, kinds: Collection[str], seed: int) -> Samples:
    """Apply the named degradations at random strength, each drawn from a stream of its own.

    Args:
        samples: mono at 16 kHz.
        kinds: some of `augmenting()`.
        seed: of the strengths.
    """
    for name in augmenting():
        if name in kinds:
            record, rng = SOUND_DEGRADATIONS[name], own_stream(name, seed)
            assert record.range is not None
            samples = record.apply(samples, rng.uniform(*record.range), rng)
    return samples
