"""One video judged in a process of its own, which can be killed: progress and result as lines.

`python -m dfd_tf.video.job FILE MODEL ENGINE LONGEST` prints an object of JSON a line: while it
works {"seconds": reached, "of": what the file claims to last or null}, at the end {"verdict": the
content of verdict.json, "persons": see `courses_of`}, or {"refused": why}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dfd_tf.detectors.bundle import Engine, load_detector
from dfd_tf.errors import UserError
from dfd_tf.video.judge import judge_video
from dfd_tf.video.reading.stream import Video
from dfd_tf.video.reading.unusable import UnusableVideo
from dfd_tf.video.writing.courses import courses_of


def run_job(path: Path, model: str, engine: Engine, longest: float) -> None:
    """Judge a file and print.

    Args:
        path: of the video.
        model: bundle folder, run folder or shipped name.
        engine: see `load_detector`.
        longest: seconds of video after which it is refused, whatever it claims.
    """
    claimed = _claimed(path)
    if claimed is not None and claimed > longest:
        return _say(refused=_too_long(longest))
    if engine == "keras":
        from dfd_tf.backend import start_keras

        start_keras()
    told = -1

    def progress(seconds: float) -> None:
        nonlocal told
        if seconds > longest:
            raise UnusableVideo(_too_long(longest))
        if int(seconds) > told:
            told = int(seconds)
            _say(seconds=told, of=claimed)

    result = judge_video(load_detector(model, engine=engine), path, progress=progress)
    _say(verdict=result.as_dict(), persons=courses_of(result))


def _claimed(path: Path) -> float | None:
    try:
        with Video(path) as video:
            return video.facts.seconds
    except UnusableVideo:
        return None


def _too_long(longest: float) -> str:
    return f"longer than the limit of {longest:g} seconds"


def _say(**known: Any) -> None:
    print(json.dumps(known), flush=True)


def main() -> None:
    """Run the job that the command line names."""
    path, model, engine, longest = sys.argv[1:]
    try:
        run_job(Path(path), model, engine, float(longest))  # type: ignore[arg-type]  # its own words
    except UserError as error:
        _say(refused=str(error))


if __name__ == "__main__":
    main()
