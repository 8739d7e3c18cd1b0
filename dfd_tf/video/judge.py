"""A video judged: sampled, watched, decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from dfd_tf.data.preprocess import too_small
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.types import Floats, Image
from dfd_tf.video.deciding.thresholds import VideoThresholds, photo_thresholds, video_thresholds
from dfd_tf.video.deciding.verdict import (
    ERROR,
    NOT_APPLICABLE,
    Evidence,
    overall,
    rule,
)
from dfd_tf.video.people.pictures import Pictures
from dfd_tf.video.reading.samples import DEFAULT_RATE, Sample, samples_of
from dfd_tf.video.reading.stream import Video
from dfd_tf.video.reading.unusable import UnusableVideo
from dfd_tf.video.result import Person, VideoResult
from dfd_tf.video.watching import Sight, Watcher

PHOTO_THRESHOLDS = (
    "This detector's thresholds were set on photos, not on videos, whose compression shifts "
    "scores: the band without a verdict is widened, and still the verdict is worth less than that "
    "on a photo."
)
MISSING = 0.1  # share of a video that may be missing before that is said

Seen = Callable[[Sight, Image], None]
Progress = Callable[[float], None]


def nothing(*_: object) -> None:
    """What is called where nobody listens."""


def judge_video(
    detector: Detector,
    path: str | Path,
    *,
    rate: float = DEFAULT_RATE,
    seen: Seen = nothing,
    progress: Progress = nothing,
) -> VideoResult:
    """Judge a video file; one that cannot be judged gets a result that says why.

    Memory does not grow with the video but for some 300 bytes a face and frame.

    Args:
        detector: that scores faces.
        path: of the file.
        rate: frames a second to look at.
        seen: called with each face and its crop, as it is judged.
        progress: called with the time in seconds of each frame that was looked at.

    Raises:
        UserError: the detector cannot judge faces in videos, see `Watcher`.
    """
    thresholds = thresholds_of(detector)
    watcher, gathered = Watcher(detector), Gathered(detector.info, thresholds)
    try:
        with Video(path) as video, samples_of(video, rate) as samples:
            gathered.watch(watcher, samples, seen, progress)
            facts, damaged = video.facts, video.damaged
    except UnusableVideo as error:
        return VideoResult(str(path), ERROR, error.reason, thresholds, rate)
    if gathered.unfit or not gathered.frames:
        verdict = NOT_APPLICABLE if gathered.unfit else ERROR
        reason = gathered.unfit or "none of its frames can be decoded"
        return VideoResult(str(path), verdict, reason, thresholds, rate, facts=facts)
    persons = gathered.persons()
    verdict, reason, ruling = overall([person.ruling for person in persons])
    return VideoResult(
        str(path),
        verdict,
        reason,
        thresholds,
        rate,
        estimate=ruling.estimate if ruling else None,
        persons=persons,
        facts=facts,
        seconds=gathered.seconds,
        frames=gathered.frames,
        shots=watcher.shots,
        notes=(*_set_on(thresholds), *_damage(damaged, facts.seconds, gathered.seconds)),
    )


def thresholds_of(detector: Detector) -> VideoThresholds:
    """Those for videos where the detector has them, else what can be said by those for photos."""
    limits = detector.info.video
    if limits is None:
        return photo_thresholds(detector.calibration)
    return video_thresholds(limits.calibration, limits.level)


class Gathered:
    """What was seen of each person.

    Attributes:
        frames: how many were looked at.
        seconds: time of the last one.
        unfit: why nothing in this video can be judged, if so.
    """

    def __init__(self, info: DetectorInfo, thresholds: VideoThresholds) -> None:
        self.frames, self.seconds, self.unfit = 0, 0.0, ""
        self._calibration, self._novelty = info.calibration, info.novelty
        self._thresholds = thresholds
        self._sights: dict[int, list[Sight]] = defaultdict(list)
        self._pictures: dict[int, Pictures] = defaultdict(Pictures)
        self._suspicious: dict[int, Pictures] = defaultdict(Pictures)

    def watch(
        self, watcher: Watcher, samples: Iterable[Sample], seen: Seen, progress: Progress
    ) -> None:
        """Watch to the end, or until it is clear that it leads nowhere."""
        for sample in samples:
            if small := too_small(sample.image):
                self.unfit = small
                return
            self.note(sample.time)
            for sight, crop in watcher(sample):
                self.add(sight, crop)
                seen(sight, crop)
            progress(sample.time)

    def note(self, time: float) -> None:
        """Count a frame that was looked at, at a time in seconds."""
        self.frames, self.seconds = self.frames + 1, time

    def add(self, sight: Sight, crop: Image) -> None:
        """Note one face."""
        self._sights[sight.person].append(sight)
        self._pictures[sight.person].offer(sight.time, crop)
        if self._calibration.log_odds(sight.logit) >= self._thresholds.level:
            self._suspicious[sight.person].offer(sight.time, crop)

    def forget(self, before: float) -> None:
        """Let go of what was seen before a time in seconds, and of persons who are long gone."""
        for number in list(self._sights):
            kept = [sight for sight in self._sights[number] if sight.time >= before]
            if kept:
                self._sights[number] = kept
            else:
                for table in (self._sights, self._pictures, self._suspicious):
                    table.pop(number, None)

    def persons(self) -> list[Person]:
        """Everybody so far, judged as one of all those that can be."""
        log_odds = {number: self._log_odds(sights) for number, sights in self._sights.items()}
        evidence = {
            number: _evidence(self._sights[number], values) for number, values in log_odds.items()
        }
        judged = sum(not known.why_not for known in evidence.values())
        return [
            Person(
                number,
                self._sights[number],
                log_odds[number],
                rule(evidence[number], self._thresholds, judged, self._novelty),
                self._pictures[number].kept,
                self._suspicious[number].kept,
            )
            for number in sorted(self._sights)
        ]

    def _log_odds(self, sights: list[Sight]) -> Floats:
        logits = np.array([sight.logit for sight in sights])
        return np.asarray(self._calibration.log_odds(logits), np.float64)


def _evidence(sights: list[Sight], log_odds: Floats) -> Evidence:
    counts = np.isfinite(log_odds)
    times = np.array([sight.time for sight in sights])
    distances = [sight.distances for sight, counted in zip(sights, counts, strict=True) if counted]
    return Evidence(times[counts], log_odds[counts], int((~counts).sum()), distances)


def _set_on(thresholds: VideoThresholds) -> list[str]:
    return [PHOTO_THRESHOLDS] if thresholds.set_on == "photos" else []


def _damage(damaged: int, claimed: float | None, seconds: float) -> list[str]:
    notes = [f"{damaged} packets of the file are damaged and were left out."] if damaged else []
    if claimed and seconds < (1 - MISSING) * claimed - 1:
        notes.append(f"The file says that it lasts {claimed:.1f} s, but ends at {seconds:.1f} s.")
    return notes
