"""A copy of a video with boxes, verdicts and scores in it, and its sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfd_tf.types import Image
from dfd_tf.video.deciding.verdict import as_score
from dfd_tf.video.reading.stream import Video, upright
from dfd_tf.video.result import Person, VideoResult
from dfd_tf.video.writing.encode import Mp4

ANNOTATED = "annotated.mp4"
COLOURS = {
    "real": (0, 114, 178),
    "fake": (213, 94, 0),
    "inconclusive": (160, 160, 160),
    "not applicable": (110, 110, 110),
}
_BEFORE_AND_AFTER = 0.3  # seconds that a box is shown around the frames it was found in
_LONGEST_STEP = 1.5  # seconds between two sights that a box moves through


class _Path(NamedTuple):
    """Where a person's box is, over time.

    Attributes:
        times: of the sights, (n,).
        boxes: (n, 4).
        scores: P(fake) by sight, NaN where there is none, (n,).
    """

    person: Person
    times: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, person: Person) -> _Path:
        times = np.array([sight.time for sight in person.sights])
        boxes = np.array([sight.box for sight in person.sights], float)
        return cls(person, times, boxes, np.array([as_score(x) for x in person.log_odds]))

    def at(self, time: float) -> tuple[np.ndarray, float] | None:
        """Box and score at a time; None where the person is not there."""
        after = int(np.searchsorted(self.times, time))
        near = int(np.clip(after, 0, len(self.times) - 1))
        before = max(0, after - 1)
        if after in (0, len(self.times)):
            if abs(self.times[near] - time) > _BEFORE_AND_AFTER:
                return None
            return self.boxes[near], float(self.scores[before])
        step = self.times[after] - self.times[before]
        if step > _LONGEST_STEP:
            return None
        share = (time - self.times[before]) / step
        box = (1 - share) * self.boxes[before] + share * self.boxes[after]
        return box, float(self.scores[before])


def write_annotated(out: Path, result: VideoResult) -> Path | None:
    """Write annotated.mp4 into a folder; None where the video has nobody in it.

    Every frame is decoded once more, so it takes about as long as the video plays.

    Raises:
        UnusableVideo: the file cannot be read any more.
    """
    if not result.persons:
        return None
    paths = [_Path.of(person) for person in result.persons]
    with Video(result.path) as video, Mp4(out / ANNOTATED, sound_of=Path(result.path)) as copy:
        for time, image in _one_size(video):
            copy.add(time, _drawn(image, time, paths, result.verdict))
    return out / ANNOTATED


def _one_size(video: Video) -> Iterator[tuple[float, Image]]:
    """Frames of the size of the first, at rising times, which an encoder wants."""
    shape, last = None, -1.0
    for time, frame in video.frames():
        image = upright(frame)
        shape = shape or image.shape[:2]
        if image.shape[:2] == shape and time > last:
            last = time
            yield time, image


def _drawn(image: Image, time: float, paths: Sequence[_Path], verdict: str) -> Image:
    thick = max(1, round(min(image.shape[:2]) / 240))
    drawn = np.ascontiguousarray(image)
    for path in paths:
        if (found := path.at(time)) is None:
            continue
        box, score = found
        left, top, width, height = (round(side) for side in box.tolist())
        colour = COLOURS[path.person.ruling.verdict]
        cv2.rectangle(drawn, (left, top), (left + width, top + height), colour, thick)
        words = f"{path.person.number}: {path.person.ruling.verdict}"
        words += "" if np.isnan(score) else f" {score:.2f}"
        _write(drawn, words, (left, max(12 * thick, top - 4 * thick)), colour, thick)
    _write(drawn, verdict, (6 * thick, 16 * thick), COLOURS.get(verdict, (110,) * 3), thick)
    return drawn


def _write(
    image: Image, words: str, place: tuple[int, int], colour: tuple[int, ...], thick: int
) -> None:
    for ink, weight in (((255, 255, 255), 3 * thick), (colour, thick)):
        cv2.putText(
            image, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45 * thick, ink, weight, cv2.LINE_AA
        )
