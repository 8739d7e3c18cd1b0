import io
import wave

import numpy as np
import pytest

av = pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

from dfd_tf.audio.reading import RATE  # noqa: E402


@pytest.fixture(scope="session")
def wav():
    return _wav


@pytest.fixture(scope="session")
def encoded():
    return _encoded


def _wav(samples, rate: int = RATE, channels: int = 1) -> bytes:
    """16-bit WAV of mono samples, the same on all channels."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
        file.writeframes(np.repeat(pcm[:, None], channels, axis=1).tobytes())
    return content.getvalue()


def _encoded(samples, codec: str, container: str, rate: int = RATE, **options) -> bytes:
    """Mono samples as FFmpeg encodes them."""
    content = io.BytesIO()
    with av.open(content, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono", **options)
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "flt", "mono")
        frame.sample_rate, frame.pts = rate, 0
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout="mono",
            rate=rate,
            frame_size=stream.codec_context.frame_size or 1024,
        )
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(part))
    return content.getvalue()
