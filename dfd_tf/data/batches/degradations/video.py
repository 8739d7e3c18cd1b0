"""Compression as a frame of a video; needs the extra `video`."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.types import Image

SMALLEST_SIDE = 64  # pixels that every one of the encoders takes


class _Codec(NamedTuple):
    """An encoder, what is added to a CRF of x264 for about the same loss, the highest, settings."""

    encoder: str
    crf_above_x264: int
    worst: int
    options: dict[str, str]


# Their quickest settings: three frames of 256 pixels in 5 to 20 ms.
CODECS = {
    "H.264": _Codec("libx264", 0, 51, {"preset": "veryfast"}),
    "H.265": _Codec("libx265", 3, 51, {"preset": "ultrafast", "x265-params": "log-level=none"}),
    "VP9": _Codec("libvpx-vp9", 25, 63, {"deadline": "realtime", "cpu-used": "8", "b": "0"}),
}


def video_frame(image: Image, crf: int, codec: str = "H.264") -> Image:
    """A frame as it comes out of a video whose camera was hardly moved.

    The last of three frames is returned, which stands on those before it as most frames do. The
    one in the middle is a pixel aside.

    Args:
        image: RGB, shape (height, width, 3).
        crf: constant rate factor of x264, 0 to 51; the other encoders get what loses as much.
        codec: one of `CODECS`.

    Raises:
        ModuleNotFoundError: the extra `video` is not installed.
    """
    height, width = image.shape[:2]
    rows, columns = (-(-max(side, SMALLEST_SIDE) // 2) * 2 for side in (height, width))
    padding = ((0, rows - height), (0, columns - width), (0, 0))
    padded = np.pad(image, padding, mode="edge")
    aside = np.roll(padded, 1, axis=1)
    return _last_of([padded, aside, padded], crf, CODECS[codec])[:height, :width].copy()


def _last_of(images: list[Image], crf: int, codec: _Codec) -> Image:
    import av

    buffer = io.BytesIO()
    options = codec.options | {"crf": str(min(crf + codec.crf_above_x264, codec.worst)), "bf": "0"}
    with av.open(buffer, "w", format="matroska") as container:
        stream: Any = container.add_stream(codec.encoder, rate=25, options=options)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt, stream.codec_context.thread_count = "yuv420p", 1
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer, "r") as container:
        last = list(container.decode(video=0))[-1]
    return np.asarray(last.to_ndarray(format="rgb24"), np.uint8)


def _any_codec(image: Image, crf: float, rng: np.random.Generator) -> Image:
    return video_frame(image, int(crf), str(rng.choice(list(CODECS))))


RECORDS = (
    Degradation(
        "video",
        _any_codec,
        words="a frame of H.264, H.265 or VP9 at CRF {}",
        # Without the extra there is no such step, rather than no robustness at all.
        steps=(23, 30, 37) if find_spec("av") else (),
        untouched=0,
        axis="CRF",
        range=(18, 38),  # from what cameras write to what messengers send on
        extra="video",
    ),
)
