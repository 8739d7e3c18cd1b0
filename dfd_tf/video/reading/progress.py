"""How far a video has come, by the seconds that it claims to last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dfd_tf.progress import progress_bar
from dfd_tf.reporter import Reporter
from dfd_tf.video.reading.stream import Video
from dfd_tf.video.reading.unusable import UnusableVideo


@contextmanager
def progress_through(path: Path, reporter: Reporter) -> Iterator[Callable[[float], None]]:
    """A bar in seconds of a video; what is yielded takes the time that was reached."""
    total = _claimed(path) if reporter.progress else None
    with progress_bar(total, path.name, unit="s of video", shown=reporter.progress) as bar:
        reached = 0

        def reach(time: float) -> None:
            nonlocal reached
            bar.update(int(time) - reached)
            reached = int(time)

        yield reach


def _claimed(path: Path) -> int | None:
    try:
        with Video(path) as video:
            seconds = video.facts.seconds
    except UnusableVideo:
        return None
    return round(seconds) if seconds else None
