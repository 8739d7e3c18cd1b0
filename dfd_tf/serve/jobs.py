"""Videos judged one after the other, each in a process of its own that can be killed."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from dfd_tf.serve.problems import Problem, unavailable
from dfd_tf.serve.settings import Settings

State = Literal["waiting", "running", "done", "refused", "failed"]

MOST_WAITING = 4
KEPT_SECONDS = 900.0  # after its end, for whoever comes for the verdict
LINE_BYTES = 8_000_000  # of a verdict of many persons


def why_no_videos() -> str:
    """Why videos cannot be judged here, in a sentence; empty where they can."""
    if find_spec("av") is None:
        return 'Videos need the extra: pip install "dfd-tf[video]".'
    return ""


@dataclass
class Job:
    """A video to judge.

    Attributes:
        file: where the upload lies, until the job has ended.
        id: by which whoever sent it asks; it cannot be guessed.
        state: how far it is.
        seconds: of the video that were looked at.
        of: how long it claims to be.
        verdict: content of verdict.json.
        persons: what a page draws of them.
        reason: why there is no verdict.
        ended: when, by the monotonic clock.
    """

    file: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    seconds: float = 0.0
    of: float | None = None
    verdict: dict[str, Any] | None = None
    persons: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    ended: float | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    process: asyncio.subprocess.Process | None = None

    def tell(self, **known: Any) -> None:
        """Note what is new, and wake whoever listens."""
        for name, value in known.items():
            setattr(self, name, value)
        if self.state not in ("waiting", "running") and self.ended is None:
            self.ended = time.monotonic()
        self.changed.set()
        self.changed = asyncio.Event()


class Jobs:
    """All videos of a service.

    Args:
        settings: model, engine and limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jobs: dict[str, Job] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._receiving = 0

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="dfd-videos-"))

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Where an upload may be written; if the block fails nothing of it stays.

        Raises:
            Problem: videos cannot be judged here, or too many wait.
        """
        if obstacle := why_no_videos():
            raise Problem(501, "no-videos", obstacle)
        self._sweep()
        waiting = sum(job.ended is None for job in self._jobs.values())
        if waiting + self._receiving > MOST_WAITING:
            raise unavailable("videos-full", "Too many videos wait. Ask again.", 10)
        file = self._folder / uuid.uuid4().hex
        self._receiving += 1
        try:
            yield file
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        finally:
            self._receiving -= 1

    def begin(self, file: Path) -> Job:
        """Judge an upload when it is its turn."""
        job = Job(file)
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._run(job))
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)
        return job

    def __getitem__(self, name: str) -> Job:
        """The job of that id.

        Raises:
            Problem: there is none, or none any more.
        """
        self._sweep()
        if name not in self._jobs:
            raise Problem(404, "no-job", "There is no such job; an ended one is kept 15 minutes.")
        return self._jobs[name]

    async def news(self, job: Job) -> AsyncIterator[Job]:
        """The job whenever something is new, until it has ended."""
        while True:
            changed = job.changed
            yield job
            if job.ended is not None:
                return
            await changed.wait()

    def drop(self, job: Job) -> None:
        """Kill and forget it."""
        self._jobs.pop(job.id, None)
        if job.task:
            job.task.cancel()
        if job.process and job.process.returncode is None:
            job.process.kill()
        job.file.unlink(missing_ok=True)
        if job.ended is None:
            job.tell(state="failed", reason="it was stopped")

    async def stop(self) -> None:
        """Kill and forget all."""
        for job in list(self._jobs.values()):
            self.drop(job)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if "_folder" in vars(self):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _sweep(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if job.ended is not None and now - job.ended > KEPT_SECONDS:
                self.drop(job)

    async def _run(self, job: Job) -> None:
        async with self._turn:
            job.tell(state="running")
            try:
                async with asyncio.timeout(self._settings.video_timeout):
                    await self._judge(job)
            except TimeoutError:
                limit = f"{self._settings.video_timeout:g} seconds"
                job.tell(state="failed", reason=f"it took longer than {limit}")
            finally:
                if job.process and job.process.returncode is None:
                    job.process.kill()
                    await job.process.wait()
                job.file.unlink(missing_ok=True)
            if job.ended is None:
                job.tell(state="failed", reason="the process that judged it died")

    async def _judge(self, job: Job) -> None:
        limits = self._settings
        job.process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dfd_tf.video.job"),
            *(str(job.file), str(limits.model), limits.engine, str(limits.longest_video)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_BYTES,
        )
        assert process.stdout is not None
        async for line in process.stdout:
            said = json.loads(line)
            if "verdict" in said:
                verdict = said["verdict"] | {"path": "video"}
                job.tell(state="done", verdict=verdict, persons=said["persons"])
            elif "refused" in said:
                job.tell(state="refused", reason=said["refused"])
            else:
                job.tell(seconds=said["seconds"], of=said["of"])
        await process.wait()
