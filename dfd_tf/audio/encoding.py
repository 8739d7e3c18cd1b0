"""Samples as the bytes of a sound file, in memory."""

from __future__ import annotations

import io
from typing import Any

import av

from dfd_tf.audio.reading import RATE, Samples


def encoded(
    samples: Samples,
    codec: str,
    container: str,
    *,
    rate: int = RATE,
    bit_rate: int | None = None,
    form: str | None = None,
) -> bytes:
    """A mono file of samples at `RATE`.

    Args:
        samples: in [-1, 1], shape (n,).
        codec: FFmpeg's encoder, such as "libmp3lame".
        container: FFmpeg's format, such as "mp3".
        rate: that is stored, in Hz.
        bit_rate: in bit/s, where the codec has a choice.
        form: of the samples, such as "s16"; None for the encoder's first.
    """
    content = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
    frame.sample_rate, frame.pts = RATE, 0
    with av.open(content, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate, layout="mono")
        stream.codec_context.thread_count = 1
        if bit_rate:
            stream.bit_rate = bit_rate
        if form:
            stream.format = form
        context = stream.codec_context
        resampler = av.AudioResampler(
            format=context.format, layout="mono", rate=rate, frame_size=context.frame_size or 4096
        )
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(part))
    return content.getvalue()


def flac(samples: Samples) -> bytes:
    """The FLAC file of samples at `RATE`: mono, 16 bit."""
    return encoded(samples, "flac", "flac", form="s16")
