"""Bytes to samples of sound, or a reason why not: the only door for foreign sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.media import open_media
from dfd_tf.errors import Unusable

Samples = NDArray[np.float32]  # mono, (n,), in [-1, 1]

RATE = 16_000  # Hz; of everything that is judged
MOST_SECONDS = 30 * 60
# What sound is recorded with. Fewer Hz make seconds of a few bytes, and gigabytes of some more.
RATES = (4_000, 384_000)
LEAST_OF_CLAIM = 0.9  # of the length that a file says it has
# Formats whose length is guessed from a bit rate, and may be wrong in a sound file.
GUESSED = ("mp3", "aac", "amr")
MOST_DAMAGE = 0.1  # of the packets
NO_SOUND = "it has no sound"


class UnusableSound(Unusable):
    """Sound that cannot be judged."""


@dataclass(frozen=True)
class Sound:
    """What a file sounds like, and how it was stored.

    Attributes:
        samples: mono at `RATE`, float32 in [-1, 1], shape (n,).
        rate: at which it was stored, in Hz.
        channels: that it had.
        codec: name, such as "flac".
    """

    samples: Samples
    rate: int
    channels: int
    codec: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def read_sound(source: str | Path | bytes) -> Sound:
    """Decode the sound of a file: of music, of speech or of a video.

    Channels are mixed to one. Nothing is kept in memory but the samples, of which there are 115 MB
    at most, whatever the file says of itself.

    Args:
        source: the file, or all its bytes; in whatever format, and whatever its name says.

    Raises:
        UnusableSound: no such file; no sound in it; it is longer than `MOST_SECONDS`, cut off or
            damaged; its samples are not numbers.
    """
    try:
        with open_media(source, "sound") as container:
            return _decode(container)
    except UnusableSound:
        raise
    except Unusable as error:
        raise UnusableSound(error.reason) from None


def _decode(container: Any) -> Sound:
    if not container.streams.audio:
        raise UnusableSound(NO_SOUND)
    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None:
        raise UnusableSound("its codec is not known")
    claimed = _claimed(stream)
    _refuse_length(claimed)
    samples = _finite(_joined(_resampled(_frames(container, stream))))
    if len(samples) < LEAST_OF_CLAIM * claimed * RATE and container.format.name not in GUESSED:
        heard = f"ends after {len(samples) / RATE:.1f} s of {claimed:.1f} s"
        raise UnusableSound(f"cut off or damaged: {heard}")
    return Sound(samples, context.sample_rate, context.channels, context.name)


def _claimed(stream: Any) -> float:
    """Seconds that a file says its sound lasts; 0 where it does not say."""
    if stream.duration is None or stream.time_base is None:
        return 0.0
    return max(0.0, float(stream.duration * stream.time_base))


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """All frames that can be decoded; fails where much cannot."""
    import av

    packets = damaged = 0
    for packet in _packets(container, stream):
        packets += 1
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError):
            damaged += 1
            continue
        yield from frames
    if damaged > MOST_DAMAGE * packets:
        raise UnusableSound(f"damaged: {damaged} of {packets} parts cannot be decoded")


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Packets of the sound; where reading fails, what came before it is all there is."""
    import av

    try:
        yield from container.demux(stream)
    except av.error.FFmpegError:
        return


def _resampled(frames: Iterator[Any]) -> Iterator[Samples]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    try:
        for frame in frames:
            if not RATES[0] <= frame.sample_rate <= RATES[1]:
                raise UnusableSound(
                    f"recorded at {frame.sample_rate} Hz, which is no rate of sound"
                )
            frame.pts = None  # gaps in time are no sound, and overlaps no reason to stop
            yield from (part.to_ndarray()[0] for part in resampler.resample(frame))
        yield from (part.to_ndarray()[0] for part in resampler.resample(None))
    except (av.error.FFmpegError, ValueError) as error:
        if isinstance(error, Unusable):
            raise
        raise UnusableSound(f"cannot be brought to {RATE} Hz: {error}") from None


def _joined(parts: Iterator[Samples]) -> Samples:
    kept, n = [], 0
    for part in parts:
        kept.append(part)
        n += len(part)
        _refuse_length(n / RATE)
    if not n:
        raise UnusableSound(f"{NO_SOUND}: 0 samples")
    return np.concatenate(kept)


def _refuse_length(seconds: float) -> None:
    if seconds > MOST_SECONDS:
        raise UnusableSound(
            f"too long: {seconds / 60:.0f} minutes, the limit is {MOST_SECONDS // 60}"
        )


def _finite(samples: Samples) -> Samples:
    if not np.isfinite(samples).all():
        raise UnusableSound("its samples are not numbers (NaN or infinite)")
    return np.clip(samples, -1, 1, dtype=np.float32)
