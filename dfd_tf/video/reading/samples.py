"""Frames at a steady pace out of a stream of any pace, decoded ahead of whoever judges them."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from dfd_tf.types import Image
from dfd_tf.video.reading.stream import Video, upright

DEFAULT_RATE = 4.0  # a second
AHEAD = 2  # frames
_EARLY = 1e-6  # seconds that rounding may cost


class Sample(NamedTuple):
    """A frame to be judged: its time in seconds, and its upright RGB pixels."""

    time: float
    image: Image


def due_frames(frames: Iterable[tuple[float, Any]], rate: float) -> Iterator[tuple[float, Any]]:
    """The first frame in each of the periods of 1 / `rate` seconds; a long one counts once."""
    due = 0
    for time, frame in frames:
        period = math.floor((time + _EARLY) * rate)
        if period >= due:
            due = period + 1
            yield time, frame


@contextmanager
def samples_of(video: Video, rate: float = DEFAULT_RATE) -> Iterator[Iterator[Sample]]:
    """Sampled frames of an open video; a thread decodes a few ahead while the block runs.

    Iterating raises what decoding raises, see `Video.frames`.

    Args:
        video: to be left alone until the block ends.
        rate: samples a second.
    """
    waiting: queue.Queue[Sample | BaseException | None] = queue.Queue(AHEAD)
    enough = threading.Event()

    def put(item: Sample | BaseException | None) -> None:
        while not enough.is_set():
            try:
                return waiting.put(item, timeout=0.1)
            except queue.Full:
                continue

    def decode() -> None:
        try:
            video.skip_to(rate)
            for time, frame in due_frames(video.frames(), rate):
                put(Sample(time, upright(frame)))
                if enough.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=decode, name="decoding", daemon=True)
    thread.start()
    try:
        yield _taken(waiting)
    finally:
        enough.set()
        thread.join()


def _taken(waiting: queue.Queue[Sample | BaseException | None]) -> Iterator[Sample]:
    while (item := waiting.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item
