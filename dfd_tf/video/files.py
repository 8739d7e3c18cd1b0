"""Many videos, one after the other, each with a folder of results; gone on with after a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.video.result import VideoResult
from dfd_tf.video.sound import sound_judge
from dfd_tf.video.writing.annotate import write_annotated
from dfd_tf.video.writing.page import PAGE, write_video_page
from dfd_tf.video.writing.tables import VERDICT, write_tables

# What is taken for a video in a folder; a file that is named itself is tried, whatever its name.
ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mts", "m2ts", "3gp"),
        *("3g2", "flv", "wmv", "asf", "ogv", "gif", "mxf", "ivf", "h264", "hevc"),
    )
)


class Task(NamedTuple):
    """A video to judge, and the name of its results' folder; "" for the folder of all results."""

    path: Path
    name: str


def tasks_of(paths: Iterable[str | Path]) -> list[Task]:
    """What files and folders stand for, in order; a single file has results without a subfolder.

    Raises:
        UserError: they hold no video, or one of them is neither file nor folder.
    """
    places = [Path(path) for path in paths]
    if len(places) == 1 and not places[0].is_dir():
        return [Task(_existing(places[0]), "")]
    found = [task for place in places for task in _tasks(place)]
    if not found:
        raise UserError(
            f"no videos in {', '.join(map(str, places))}: expected files that end in "
            f"{', '.join(sorted(ENDINGS))}. A file that is named itself may have any ending."
        )
    return _distinct(found)


def videos_below(root: Path) -> Iterator[Path]:
    """All visible files below a folder whose names end as those of videos do, in order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in ENDINGS and not name.startswith("."):
                yield Path(folder, name)


def judged_by(detector: Detector) -> dict[str, Any]:
    """Which detector judged, for the files that are written."""
    info = detector.info
    return {"name": info.name, "weights_sha256": info.weights_sha256}


def write_results(
    out: Path, result: VideoResult, detector: Detector, *, annotate: bool = False
) -> None:
    """Write the page, the tables and, last, verdict.json of a video into a folder.

    Args:
        out: the folder, made if absent.
        result: the judged video.
        detector: that judged it.
        annotate: write a copy of the video with boxes, too.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / VERDICT).unlink(missing_ok=True)
    if annotate:
        write_annotated(out, result)
    write_video_page(out / PAGE, result, judged_by(detector))
    write_tables(out, result, judged_by(detector))


def read_verdict(
    out: Path, path: Path, detector: Detector, rate: float, sound: Detector | None = None
) -> dict[str, Any] | None:
    """The verdict that is in a folder already, if it is of this file, detector and rate.

    Where the sound is to be judged, it was, and by the same detector.
    """
    try:
        found = json.loads((out / VERDICT).read_text(encoding="utf-8"))
        same = (found["path"], found["frames_per_second"]) == (str(path), rate)
        newer = (out / VERDICT).stat().st_mtime >= path.stat().st_mtime
        by_same = found["detector"] == judged_by(detector)
        heard = sound is None or found["sound_detector"] == sound_judge(sound).as_dict()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(found) if same and newer and by_same and heard else None


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UserError(f"{path}: no such file or folder.")
    return path


def _tasks(path: Path) -> Iterator[Task]:
    if not _existing(path).is_dir():
        yield Task(path, path.stem)
        return
    for video in videos_below(path):
        yield Task(video, str(video.relative_to(path).with_suffix("")))


def _distinct(tasks: list[Task]) -> list[Task]:
    """The same with names that no two share: the second of a name gets a number."""
    taken: set[str] = set()
    named = []
    for task in tasks:
        name, number = task.name, 1
        while name in taken:
            number += 1
            name = f"{task.name}_{number}"
        taken.add(name)
        named.append(Task(task.path, name))
    return named
