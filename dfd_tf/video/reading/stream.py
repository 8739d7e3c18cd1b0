"""Open a video and decode it: PyAV behind limits, with reasons in place of traces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np

from dfd_tf.data.images.limits import UnusableImage, refuse_pixels
from dfd_tf.data.media import open_media
from dfd_tf.errors import Unusable
from dfd_tf.types import Image
from dfd_tf.video.reading.clock import TYPICAL_STEP, Clock
from dfd_tf.video.reading.unusable import UnusableVideo

# Decoders keep a frame for each thread and each reference: larger ones get no threads of their own.
MOST_PIXELS_THREADED = 4_000_000
SPARE = 4.0  # frames of a file for one that is looked at, from which on some can be left out
MOST_DAMAGE = 1000  # packets in a row, after which nothing is expected of a file any more


@dataclass(frozen=True)
class StreamFacts:
    """What a file says of its pictures, true or not.

    Attributes:
        width: pixels, as stored, before any rotation.
        height: likewise.
        codec: name, such as "h264".
        fps: frames a second on average; None where it does not say.
        seconds: how long it claims to be; None where it does not say.
    """

    width: int
    height: int
    codec: str
    fps: float | None
    seconds: float | None


class Video:
    """A video that is open; to be used in a `with` block.

    Attributes:
        facts: what it says of itself.
        damaged: packets that could not be decoded, so far.
        decoded: frames, so far.
    """

    def __init__(self, source: str | Path, **opening: Any) -> None:
        """Open a file, or with `opening` whatever else PyAV opens.

        Raises:
            UnusableVideo: nothing that can be read is there, or it holds no picture.
        """
        self._kept = ExitStack()
        container = _open(str(source), opening) if opening else open_file(source)
        self._container = self._kept.enter_context(container)
        self._stream = _picture_of(self._container)
        self.facts = _facts(self._container, self._stream)
        self.damaged = self.decoded = 0
        self._longest_step = float("inf")
        refuse_size(self.facts.width, self.facts.height)
        threaded = self.facts.width * self.facts.height <= MOST_PIXELS_THREADED
        self._stream.thread_type = "AUTO" if threaded else "SLICE"
        # Whoever judges the frames needs a core as well.
        self._stream.codec_context.thread_count = max(1, (os.cpu_count() or 1) - 1)

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kept.close()

    def skip_to(self, rate: float) -> None:
        """Leave out frames on which no other stands, as long as so many a second are left.

        They are half of a usual file's, and of the lesser quality.
        """
        fps = self.facts.fps or 0.0
        if fps >= SPARE * rate:
            self._longest_step = 1 / rate
            self._stream.codec_context.skip_frame = "NONREF"

    def frames(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """The frames that can be decoded, in order, with their times in seconds.

        Raises:
            UnusableVideo: a frame is larger than the limit.
        """
        clock = Clock(
            start_of(self._stream), 1 / self.facts.fps if self.facts.fps else TYPICAL_STEP
        )
        last = 0.0
        for frame in self._decoded():
            self.decoded += 1
            refuse_size(frame.width, frame.height)
            time = clock(frame)
            if time - last > self._longest_step:
                self._stream.codec_context.skip_frame = "DEFAULT"
            last = time
            yield time, frame

    def _decoded(self) -> Iterator[av.VideoFrame]:
        in_a_row = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
                in_a_row = 0
            except av.error.FFmpegError:
                self.damaged, in_a_row = self.damaged + 1, in_a_row + 1
                if in_a_row == MOST_DAMAGE:
                    return
                continue
            yield from frames

    def _packets(self) -> Iterator[av.Packet[Any]]:
        """Packets of the picture; where reading fails, what came before it is all there is."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self.damaged += 1
                return
            if packet is None:
                return
            yield packet


def upright(frame: av.VideoFrame) -> Image:
    """The pixels of a frame as a player shows them, RGB, shape (height, width, 3).

    Deep colour loses its low bits, transparency is left out, and a rotation that the file asks
    for, as phones write it, is carried out.

    Raises:
        UnusableVideo: its pixels cannot be brought to RGB.
    """
    try:
        pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (av.error.FFmpegError, ValueError) as error:
        raise UnusableVideo(f"its pixels cannot be read: {error}") from None
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def refuse_size(width: int, height: int) -> None:
    """Refuse frames of more pixels than photos may have.

    Raises:
        UnusableVideo: they have more.
    """
    try:
        refuse_pixels(width, height)
    except UnusableImage as error:
        raise UnusableVideo(error.reason) from None


def open_file(source: str | Path) -> Any:
    """PyAV's container of a file that is what it is, and no way to any other.

    Raises:
        UnusableVideo: it cannot be read.
    """
    try:
        return open_media(source, "a video")
    except Unusable as error:
        raise UnusableVideo(error.reason) from None


def _open(source: str, opening: dict[str, Any]) -> Any:
    try:
        return av.open(source, **opening)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise UnusableVideo(f"cannot be read as a video: {words}") from None


def _picture_of(container: Any) -> Any:
    """The first stream of pictures that is no cover of a piece of music."""
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            return stream
    sound = "it has no picture, only sound" if container.streams.audio else "it has no picture"
    raise UnusableVideo(sound)


def _facts(container: Any, stream: Any) -> StreamFacts:
    context = stream.codec_context
    if context is None:
        raise UnusableVideo("its codec is not known")
    length = None
    if stream.duration is not None and stream.time_base is not None:
        length = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        length = container.duration / 1_000_000
    fps = float(stream.average_rate) if stream.average_rate else None
    seconds = length if length is not None and length > 0 else None
    return StreamFacts(context.width, context.height, context.name, fps, seconds)


def start_of(stream: Any) -> float | None:
    """When a stream begins, in seconds of its file; None where that is not said."""
    if stream.start_time is None or stream.time_base is None:
        return None
    return float(stream.start_time * stream.time_base)
