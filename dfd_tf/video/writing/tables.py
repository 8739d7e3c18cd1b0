"""verdict.json and the tables beside it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dfd_tf.video.deciding.verdict import as_score
from dfd_tf.video.result import Person, VideoResult, scores_of

VERDICT = "verdict.json"
BOX = ("left", "top", "width", "height")
TRACK_COLUMNS = (
    *("person", "shot", "verdict", "reason", "score", "low", "high", "start", "end"),
    *("frames", "frames_judged"),
)
FRAME_COLUMNS = ("time", "person", "shot", "score", *BOX, "found", "sharpness")
SEGMENT_COLUMNS = ("person", "start", "end", "frames", "score", "low", "high", "decides")


def write_tables(out: Path, result: VideoResult, judge: dict[str, Any]) -> None:
    """Write tracks.csv, frames.csv, segments.csv and, last, verdict.json.

    Args:
        out: folder, which exists.
        result: the judged video.
        judge: which detector judged, for verdict.json.
    """
    persons = result.persons
    tracks = [[person.as_dict()[name] for name in TRACK_COLUMNS] for person in persons]
    _write(out / "tracks.csv", TRACK_COLUMNS, tracks)
    _write(out / "frames.csv", FRAME_COLUMNS, (row for p in persons for row in _frames(p)))
    _write(out / "segments.csv", SEGMENT_COLUMNS, (row for p in persons for row in _segments(p)))
    text = json.dumps(result.as_dict() | {"detector": judge}, indent=2, ensure_ascii=False)
    (out / VERDICT).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _frames(person: Person) -> Iterable[Sequence[Any]]:
    for sight, log_odds in zip(person.sights, person.log_odds, strict=True):
        score = "" if np.isnan(log_odds) else f"{as_score(log_odds):.6f}"
        found, sharpness = f"{sight.confidence:.3f}", f"{sight.sharpness:.1f}"
        where = (f"{sight.time:.3f}", person.number, sight.shot)
        yield (*where, score, *sight.box, found, sharpness)


def _segments(person: Person) -> Iterable[Sequence[Any]]:
    for segment, estimate in person.segments:
        n = segment.frames.stop - segment.frames.start
        decides = "yes" if segment == person.ruling.decisive else "no"
        times = (f"{segment.start:.3f}", f"{segment.end:.3f}")
        yield (person.number, *times, n, *scores_of(estimate).values(), decides)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)
