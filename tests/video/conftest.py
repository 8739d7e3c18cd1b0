"""Clips rendered on the spot: sitters of the demo, moved over a canvas, encoded with PyAV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av", reason="needs the extra video: pip install '.[video]'")

from dfd_tf.audio.reading import Samples  # noqa: E402
from dfd_tf.data.images.decode import decode_image  # noqa: E402
from dfd_tf.demo.example import Example, render_example  # noqa: E402
from dfd_tf.detectors.detector import Detector  # noqa: E402
from dfd_tf.types import Image  # noqa: E402

FRAMING = {"side": 1.75, "widest": 3.0, "lift": 0.09, "n": 8}
Clip = Callable[..., Path]


class Brightness:
    """A scorer that knows nothing of faces: dark squares are real, bright ones are fake."""

    squares_per_call = 1

    def predict_on_batch(self, squares):
        return ((squares.mean(axis=(1, 2, 3)) - 128) / 8)[:, None]


@pytest.fixture(scope="session")
def brightness(describe) -> Detector:
    """Scores are planted by how bright a face is: 8 grey levels are a factor e of the odds."""
    rates = ((0.10, 0.5), (0.05, 0.6), (0.01, 0.7))
    thresholds = [{"fpr": fpr, "value": value, "n_real": 100} for fpr, value in rates]
    info = describe(
        preprocessing={"size": 32, "policy": "resize", "native_side": 64},
        calibration={"temperature": 1.0, "thresholds": thresholds, "n_valid": 200},
        framing=FRAMING,
    )
    return Detector(Brightness(), info)


@pytest.fixture(scope="session")
def sitters() -> list[Image]:
    """Four portraits, 256 pixels, in whose middle a face is found."""
    return [decode_image(render_example(Example(0, "test", i))[0]) for i in (2, 4, 8, 14)]


@pytest.fixture(scope="session")
def scene() -> Callable[..., Image]:
    return canvas


@pytest.fixture(scope="session")
def light() -> Callable[..., Image]:
    return lit


@pytest.fixture(scope="session")
def clip() -> Clip:
    return write_clip


def canvas(places: Sequence[tuple[Image, int, int]], width: int = 512, height: int = 288) -> Image:
    """A grey picture with portraits at left and top; the later ones cover the earlier."""
    picture = np.full((height, width, 3), 90, np.uint8)
    for portrait, left, top in places:
        x, y = max(0, left), max(0, top)
        part = portrait[y - top : height - top, x - left : width - left]
        picture[y : y + part.shape[0], x : x + part.shape[1]] = part
    return picture


def lit(portrait: Image, level: float) -> Image:
    """A portrait brought to a mean grey level."""
    return np.clip(portrait * (level / portrait.mean()), 0, 255).astype(np.uint8)


def write_clip(
    path: Path,
    pictures: Iterable[Image],
    *,
    fps: int = 12,
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    sound: bool | Samples = False,
    movflags: str = "",
    **options: Any,
) -> Path:
    """Encode RGB pictures; `times` in seconds where they do not come at a steady pace.

    Args:
        sound: samples at 44.1 kHz, or True for a second of a tone.
    """
    settings = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", container_options=settings) as container:
        stream: Any = None
        tone = None if sound is False else container.add_stream("aac", rate=44100)
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=fps, options=options)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pix_fmt
                stream.codec_context.time_base = Fraction(1, 1000)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (times[number] if times else number / fps))
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode())
        if tone is not None:
            _write_sound(container, tone, sine(1.0) if sound is True else sound)
    return path


def sine(seconds: float) -> Samples:
    return (0.1 * np.sin(np.arange(44100 * seconds) * 2 * np.pi * 440 / 44100)).astype(np.float32)


def _write_sound(container: Any, stream: Any, samples: Samples) -> None:
    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate = 44100
    for packet in stream.encode(frame):
        container.mux(packet)
    container.mux(stream.encode())


@pytest.fixture(scope="session")
def spliced(once, sitters) -> Path:
    """Eight seconds of one sitter, whose scores are high from 3.0 to 6.0 s."""
    dark, bright = lit(sitters[0], 80), lit(sitters[0], 160)

    def fill(folder: Path) -> None:
        pictures = [
            canvas([(bright if 36 <= i < 72 else dark, 100 + i % 3, 16)]) for i in range(96)
        ]
        write_clip(folder / "spliced.mp4", pictures, crf="18", preset="veryfast")

    return once("spliced_clip", fill) / "spliced.mp4"
