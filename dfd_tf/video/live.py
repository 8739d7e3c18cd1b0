"""A camera or a stream, judged while it runs: the newest frame only, and a running verdict."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.video.deciding.verdict import overall
from dfd_tf.video.judge import Gathered, thresholds_of
from dfd_tf.video.reading.samples import Sample
from dfd_tf.video.reading.stream import StreamFacts, Video, upright
from dfd_tf.video.reading.unusable import UnusableVideo
from dfd_tf.video.result import VideoResult
from dfd_tf.video.watching import Watcher

_ADDRESS = re.compile(r"(rtsps?|rtmps?|https?|srt|udp)://", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,2}$")
_DEVICE = re.compile(r"/dev/video\d{1,2}$")
WAIT = 10.0  # seconds for a source to open, and for its next frame
RULED_EVERY = 0.5  # seconds between two verdicts at least
RULING_SHARE = 0.05  # of the time that verdicts may take, which cost more the longer a source runs
HORIZON = 120.0  # seconds after which what was seen is forgotten, unless it is recorded
REMEMBERED = 200  # ages and times of frames of which figures are made


def is_live(source: str) -> bool:
    """Whether this names a camera (0, /dev/video0) or the address of a stream."""
    return any(kind.match(source) for kind in (_ADDRESS, _NUMBER, _DEVICE))


def open_live(source: str) -> Video:
    """Open a camera by its number or device, or a stream by its address.

    Raises:
        UserError: nothing answers there.
    """
    device = f"/dev/video{source}" if _NUMBER.match(source) else source
    opening: dict[str, Any] = {"timeout": (WAIT, WAIT)}
    if _DEVICE.match(device):
        opening["format"] = "v4l2"
    else:
        opening["container_options"] = {"fflags": "nobuffer"}
    try:
        return Video(device, **opening)
    except UnusableVideo as error:
        hint = "Is it there, and may you read it?" if "format" in opening else "Does it play?"
        raise UserError(f"{source} {error.reason}. {hint}") from None


class Source(Protocol):
    """What frames come out of: a `Video`, or a `Paced` one."""

    facts: StreamFacts

    def frames(self) -> Iterator[tuple[float, Any]]:
        """See `Video.frames`."""


class Paced:
    """A file that is read as if it were a camera: each frame comes when its time has come."""

    def __init__(self, video: Video) -> None:
        self.facts, self._video = video.facts, video

    def frames(self) -> Iterator[tuple[float, Any]]:
        """See `Video.frames`."""
        begun = time.monotonic()
        for seconds, frame in self._video.frames():
            time.sleep(max(0.0, begun + seconds - time.monotonic()))
            yield seconds, frame


class Arrived(NamedTuple):
    """A frame, and when it arrived by the clock of this machine, in seconds."""

    time: float
    frame: Any
    at: float


class Newest:
    """Keeps the newest frame of a source that does not wait; what was not taken in time is lost.

    Attributes:
        dropped: frames that nobody looked at.
    """

    def __init__(self, frames: Iterator[tuple[float, Any]]) -> None:
        self.dropped = 0
        self._frames, self._waiting = frames, deque[Arrived](maxlen=1)
        self._changed = threading.Condition()
        self._ended, self._stopped = False, threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._receive, name="receiving", daemon=True)
        self._thread.start()

    def take(self, patience: float = WAIT) -> Arrived | None:
        """The newest frame; None at the end of the source, or if nothing comes.

        Raises:
            UnusableVideo: a frame cannot be used.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, patience)
            if self._waiting:
                return self._waiting.pop()
        if self._error:
            raise self._error
        return None

    def stop(self) -> None:
        """Receive no more."""
        self._stopped.set()
        self._thread.join(WAIT)

    def _receive(self) -> None:
        try:
            for seconds, frame in self._frames:
                if self._stopped.is_set():
                    break
                with self._changed:
                    self.dropped += len(self._waiting)
                    self._waiting.append(Arrived(seconds, frame, time.monotonic()))
                    self._changed.notify()
        except UnusableVideo as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()


@dataclass(frozen=True)
class Moment:
    """How it stands after a frame.

    Attributes:
        result: of everything so far; of half a second ago at most.
        fps: frames analysed a second, lately.
        dropped: frames that were too many so far.
        age: seconds from the arrival of the frame to this.
        faces: how many are in the frame.
    """

    result: VideoResult
    fps: float
    dropped: int
    age: float
    faces: int


class LiveJudge:
    """Judges the newest frame of a source again and again.

    Args:
        detector: that scores faces.
        source: its name, for the verdict.
        video: the open source.
        record: remember everything, not only what was seen lately.
        clock: what tells the time, in seconds.
    """

    def __init__(
        self,
        detector: Detector,
        source: str,
        video: Source,
        *,
        record: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._video, self._clock = source, video, clock
        self._thresholds = thresholds_of(detector)
        self._watcher = Watcher(detector)
        self._gathered = Gathered(detector.info, self._thresholds)
        self._done: deque[float] = deque(maxlen=REMEMBERED)
        self._record, self._due = record, 0.0
        self.ages: deque[float] = deque(maxlen=REMEMBERED)
        self.result = self._result()

    def moments(self) -> Iterator[Moment]:
        """After each frame how it stands, until the source ends or whoever listens has enough."""
        with receiving(self._video) as newest:
            while (arrived := newest.take()) is not None:
                sample = Sample(arrived.time, upright(arrived.frame))
                faces = self._watch(sample)
                self._rule(sample.time)
                self._done.append(self._clock())
                self.ages.append(self._clock() - arrived.at)
                yield Moment(self.result, self._fps(), newest.dropped, self.ages[-1], faces)

    def conclude(self) -> None:
        """Bring `result` up to the last frame."""
        self.result = self._result()

    def _rule(self, time: float) -> None:
        begun = self._clock()
        if begun < self._due:
            return
        if not self._record:
            self._gathered.forget(time - HORIZON)
        self.result = self._result()
        took = self._clock() - begun
        self._due = begun + max(RULED_EVERY, took / RULING_SHARE)

    def _watch(self, sample: Sample) -> int:
        seen = self._watcher(sample)
        self._gathered.note(sample.time)
        for sight, crop in seen:
            self._gathered.add(sight, crop)
        return len(seen)

    def _result(self) -> VideoResult:
        persons = self._gathered.persons()
        verdict, reason, ruling = overall([person.ruling for person in persons])
        return VideoResult(
            self._source,
            verdict,
            reason,
            self._thresholds,
            round(self._fps(), 1),
            estimate=ruling.estimate if ruling else None,
            persons=persons,
            facts=self._video.facts,
            seconds=self._gathered.seconds,
            frames=self._gathered.frames,
            shots=self._watcher.shots,
        )

    def _fps(self) -> float:
        lately = [done for done in self._done if self._done[-1] - done <= 5.0]
        passed = lately[-1] - lately[0] if len(lately) > 1 else 0.0
        return (len(lately) - 1) / passed if passed else 0.0


@contextmanager
def receiving(video: Source) -> Iterator[Newest]:
    """The newest frame of an open source while the block runs."""
    newest = Newest(video.frames())
    try:
        yield newest
    finally:
        newest.stop()
