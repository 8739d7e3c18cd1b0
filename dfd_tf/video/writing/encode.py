"""Write an MP4: pictures with their times, and sound as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av

from dfd_tf.types import Image
from dfd_tf.video.reading.stream import open_file

TICK = Fraction(1, 90_000)
# What players read, quick to make, of a quality at which boxes and traces stay visible.
GOOD = {"crf": "18", "preset": "veryfast"}


class Mp4:
    """An H.264 file that is written frame by frame; to be used in a `with` block.

    Args:
        path: of the file.
        sound_of: a file whose first stream of sound is copied along.
        options: of the encoder x264.
    """

    def __init__(
        self, path: Path, *, sound_of: Path | None = None, options: Mapping[str, str] = GOOD
    ) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        self._options = dict(options)
        self._stream: Any = None
        self._sound = _Sound(self._container, sound_of) if sound_of else None

    def __enter__(self) -> Mp4:
        return self

    def add(self, time: float, image: Image) -> None:
        """Append an RGB frame that is shown from `time` seconds on; an odd row or column goes."""
        even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        stream = self._stream or self._begin(*even.shape[:2])
        frame = av.VideoFrame.from_ndarray(even, format="rgb24")
        frame.time_base, frame.pts = TICK, round(time / TICK)
        self._container.mux(stream.encode(frame))
        if self._sound:
            self._sound.copy_until(time)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None and kind is None:
            self._container.mux(self._stream.encode())
        if self._sound:
            self._sound.copy_until(float("inf"))
            self._sound.close()
        self._container.close()

    def _begin(self, height: int, width: int) -> Any:
        self._stream = self._container.add_stream("libx264", options=self._options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = TICK
        return self._stream


class _Sound:
    """Copies the packets of a file's first stream of sound, as far as MP4 knows its codec."""

    def __init__(self, target: Any, path: Path) -> None:
        self._source = open_file(path)
        self._packets: Iterator[Any] = iter(())
        self._next: Any = None
        for stream in self._source.streams.audio[:1]:
            try:
                self._target = target.add_stream_from_template(stream)
            except (av.error.FFmpegError, ValueError):
                return
            self._packets = _timed(self._source.demux(stream))
            self._next = next(self._packets, None)

    def copy_until(self, time: float) -> None:
        while self._next is not None and float(self._next.dts * self._next.time_base) <= time:
            packet, self._next = self._next, next(self._packets, None)
            packet.stream = self._target
            self._target.container.mux(packet)

    def close(self) -> None:
        self._source.close()


def _timed(packets: Iterable[Any]) -> Iterator[Any]:
    """Packets that have a time, up to where reading fails."""
    try:
        yield from (packet for packet in packets if packet.dts is not None)
    except av.error.FFmpegError:
        return
