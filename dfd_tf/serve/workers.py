"""The workers: threads with a detector each, behind a queue that says when it is full."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import numpy as np

from dfd_tf.detectors.detector import Detector, Faces, Judgement
from dfd_tf.detectors.ensemble import Ensemble
from dfd_tf.detectors.reading import NamedBytes, NamedImage
from dfd_tf.serve.maps import Map
from dfd_tf.serve.problems import Problem, unavailable

Rows = list[Judgement]
PATIENCE = 0.5  # seconds for which a request waits for a place
Draw = Callable[[NamedBytes, Judgement], Map | None]


@dataclass(frozen=True)
class Answer:
    """What came of one request's files.

    Attributes:
        files: the rows of each.
        digests: SHA-256 of each, in hexadecimal.
        map: of the first, where one was asked for.
        waited: seconds until a worker was free.
        scored: seconds inside the network.
        worked: seconds from then to the end.
    """

    files: list[Rows]
    digests: list[str]
    map: Map | None
    waited: float
    scored: float
    worked: float


@dataclass(frozen=True)
class _Job:
    sources: Sequence[NamedBytes]
    draw: Draw | None
    answer: Future[Answer] = field(default_factory=Future)
    given: float = field(default_factory=time.monotonic)


class Workers:
    """Judges files in threads of its own, so many requests at a time and no more.

    Args:
        load: makes a worker's detector.
        count: of the workers.
        waiting: requests that may wait beside those being judged.
        faces: see `Detector.judgements`.
    """

    def __init__(
        self, load: Callable[[], Detector], count: int, waiting: int, faces: Faces
    ) -> None:
        self._load, self._count, self._waiting, self._faces = load, count, waiting, faces
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._taken = 0
        self._lock, self._loading = Lock(), Lock()
        self._warm = 0

    @property
    def warm(self) -> bool:
        """Whether every worker has its detector and has judged once."""
        return self._warm == self._count

    @property
    def full(self) -> bool:
        """Whether the next request would be refused."""
        return self._taken >= self._count + self._waiting

    @property
    def depth(self) -> int:
        """How many requests wait."""
        return max(0, self._taken - self._count)

    def start(self, on_failure: Callable[[BaseException], None]) -> None:
        """Start the threads, which load their detectors first.

        Args:
            on_failure: told, in a worker's thread, why a detector cannot be loaded.
        """
        for number in range(self._count):
            thread = Thread(
                target=self._live, args=(on_failure,), name=f"judge {number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish what was accepted, then end the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    async def room(self) -> None:
        """Let a request in whose body is unread, after a moment if need be.

        Clients who ask again at once get their refusals no faster than they can be borne: else the
        loop would do little beside refusing, and probes would wait.

        Raises:
            Problem: there is no room.
        """
        if self.full:
            await asyncio.sleep(PATIENCE)
        if self.full:
            raise queue_full()

    async def judge(
        self, sources: Sequence[NamedBytes], timeout: float, draw: Draw | None = None
    ) -> Answer:
        """Judge files.

        Args:
            sources: their contents and names.
            timeout: seconds after which the answer is not waited for any more.
            draw: makes a map of the first one.

        Raises:
            Problem: no room, or no answer in time.
        """
        with self._lock:
            if self.full:
                raise queue_full()
            self._taken += 1
        job = _Job(sources, draw)
        # The place is free when the work is done, not when nobody waits for it any more.
        job.answer.add_done_callback(self._leave)
        self._jobs.put(job)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job.answer), timeout)
        except TimeoutError:
            raise unavailable(
                "timeout", f"No answer within {timeout:g} seconds. Send fewer or smaller photos."
            ) from None

    def _leave(self, _: object) -> None:
        with self._lock:
            self._taken -= 1

    def _live(self, on_failure: Callable[[BaseException], None]) -> None:
        try:
            with self._loading:
                judge = _Judge(self._load(), self._faces)
                self._warm += 1
        except BaseException as error:
            on_failure(error)
            return
        self._work(judge)

    def _work(self, judge: _Judge) -> None:
        while job := self._jobs.get():
            # A request that was given up while it waited is not begun.
            if job.answer.set_running_or_notify_cancel():
                try:
                    job.answer.set_result(judge.answer(job))
                except BaseException as error:
                    job.answer.set_exception(error)


class _Judge:
    """What one worker judges with: a detector that is warm, and says how long it took.

    Args:
        detector: used by this thread alone.
        faces: see `Detector.judgements`.
    """

    def __init__(self, detector: Detector, faces: Faces) -> None:
        self._watch = _Stopwatch()
        timed = replace(detector, model=_timed(detector.model, self._watch))
        self._judge = timed.judging(faces)
        grey = np.full((256, 256, 3), 128, np.uint8)
        timed.score([grey])
        self._judge([NamedImage("", grey)])

    def answer(self, job: _Job) -> Answer:
        """Do what a request asks for."""
        begun = time.monotonic()
        self._watch.seconds = 0.0
        files = self._judge(job.sources)
        drawn = job.draw(job.sources[0], files[0][0]) if job.draw else None
        digests = [hashlib.sha256(source.data).hexdigest() for source in job.sources]
        worked = time.monotonic() - begun
        return Answer(files, digests, drawn, begun - job.given, self._watch.seconds, worked)


@dataclass
class _Stopwatch:
    seconds: float = 0.0


def _timed(model: Any, watch: _Stopwatch) -> Any:
    """A scorer that counts the seconds inside its networks."""
    if isinstance(model, Ensemble):
        return replace(model, members=tuple(_timed(member, watch) for member in model.members))
    return _TimedScorer(model, watch)


class _TimedScorer:
    """Passes squares on to a network; one thread at a time."""

    def __init__(self, model: Any, watch: _Stopwatch) -> None:
        self._model, self._watch = model, watch
        if hasattr(model, "squares_per_call"):
            self.squares_per_call = model.squares_per_call

    def predict_on_batch(self, squares: Any) -> Any:
        begun = time.monotonic()
        logits = self._model.predict_on_batch(squares)
        self._watch.seconds += time.monotonic() - begun
        return logits


def queue_full() -> Problem:
    """What a request is told for which there is no room."""
    return unavailable("queue-full", "All workers are busy and the queue is full. Ask again.")
