"""What is known of a video once it was judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dfd_tf.audio.offset import Offset
from dfd_tf.calibration.over_time import Estimate, estimate
from dfd_tf.detectors.recordings import RecordingJudgement
from dfd_tf.types import Floats
from dfd_tf.video.deciding.segments import Segment
from dfd_tf.video.deciding.thresholds import VideoThresholds
from dfd_tf.video.deciding.together import Together
from dfd_tf.video.deciding.verdict import (
    FAKE,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    REAL,
    Ruling,
    as_score,
)
from dfd_tf.video.people.pictures import Picture
from dfd_tf.video.reading.stream import StreamFacts
from dfd_tf.video.watching import Sight

MOST_PERSONS = 12  # that pages show; of everybody else the tables tell
_ORDER = (FAKE, INCONCLUSIVE, REAL, NOT_APPLICABLE)


@dataclass(frozen=True)
class Person:
    """A person in a shot: what was seen, and what is said.

    Attributes:
        number: from 1, in the order of appearance.
        sights: of their face, by time.
        log_odds: calibrated, of a fake, by sight; NaN where the face was too small.
        ruling: what is said.
        pictures: a few of them.
        suspicious: a few of those frames that look forged by themselves.
    """

    number: int
    sights: list[Sight]
    log_odds: Floats
    ruling: Ruling
    pictures: list[Picture]
    suspicious: list[Picture]

    @property
    def segments(self) -> list[tuple[Segment, Estimate]]:
        """Stretches that look forged, with their scores."""
        judged = np.isfinite(self.log_odds)
        times = np.array([sight.time for sight in self.sights])[judged]
        values = self.log_odds[judged]
        return [
            (part, estimate(times[part.frames], values[part.frames]))
            for part in self.ruling.segments
        ]

    def as_dict(self) -> dict[str, Any]:
        """For verdict.json."""
        return {
            "person": self.number,
            "shot": self.sights[0].shot,
            "verdict": self.ruling.verdict,
            "reason": self.ruling.reason,
            **scores_of(self.ruling.estimate),
            "start": round(self.sights[0].time, 3),
            "end": round(self.sights[-1].time, 3),
            "frames": len(self.sights),
            "frames_judged": int(np.isfinite(self.log_odds).sum()),
            "decided_by": _stretch(self.ruling.decisive) or "all of it",
            "segments": [_stretch(segment) for segment in self.ruling.segments],
        }


class SoundJudge(NamedTuple):
    """Which detector judged a video's sound, and how.

    Attributes:
        name: of the detector.
        weights_sha256: of its weights.
        window: seconds of sound that it hears at once.
        low: score below which sound is real.
        high: score from which on it is fake.
    """

    name: str
    weights_sha256: str
    window: float
    low: float
    high: float

    def as_dict(self) -> dict[str, str]:
        """For verdict.json, as the detector of the picture stands there."""
        return {"name": self.name, "weights_sha256": self.weights_sha256}


@dataclass(frozen=True)
class VideoResult:
    """A judged video.

    Attributes:
        path: as it was given.
        verdict: real, fake, inconclusive, not applicable or error.
        reason: for the last three, in words.
        estimate: of the person who decides, in log-odds; None without a judgement.
        thresholds: by which persons were judged.
        persons: by their number.
        facts: what the file says of itself; None where it could not be opened.
        seconds: time of the last sampled frame.
        frames: how many were looked at.
        shots: how many there are.
        rate: frames a second that were looked at, where there are so many.
        notes: what else a reader should know, such as damage.
        lips: how far the sound comes after the lips; None where nobody asked, or none can be told.
        sound: what `dfd audio` says of its sound; None where nobody asked.
        sound_by: the detector that says so.
        together: what picture and sound tell together, which changes no verdict.
    """

    path: str
    verdict: str
    reason: str
    thresholds: VideoThresholds
    rate: float
    estimate: Estimate | None = None
    persons: list[Person] = field(default_factory=list)
    facts: StreamFacts | None = None
    seconds: float = 0.0
    frames: int = 0
    shots: int = 0
    notes: tuple[str, ...] = ()
    lips: Offset | None = None
    sound: RecordingJudgement | None = None
    sound_by: SoundJudge | None = None
    together: Together | None = None

    @property
    def judged(self) -> int:
        """How many persons got a judgement."""
        return sum(person.ruling.estimate is not None for person in self.persons)

    @property
    def most_suspicious(self) -> list[Person]:
        """Whom pages show, the most suspicious first."""
        return sorted(self.persons, key=_suspicion)[:MOST_PERSONS]

    def as_dict(self) -> dict[str, Any]:
        """The content of verdict.json, but for who judged."""
        return {
            "path": self.path,
            "verdict": self.verdict,
            "reason": self.reason,
            **scores_of(self.estimate),
            "thresholds": self.thresholds.as_scores(self.judged),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
            "frames": self.frames,
            "frames_per_second": self.rate,
            "shots": self.shots,
            "persons": [person.as_dict() for person in self.persons],
            **({"sound_after_lips": rounded(self.lips)} if self.lips else {}),
            **self._sound_as_dict(),
        }

    def _sound_as_dict(self) -> dict[str, Any]:
        if self.sound is None:
            return {}
        return {
            "sound": self.sound.as_row(),
            "sound_detector": self.sound_by and self.sound_by.as_dict(),
            "together": self.together and self.together.as_dict(),
        }


def rounded(offset: Offset) -> dict[str, float]:
    """An offset for verdict.json."""
    return {name: round(value, 3) for name, value in offset._asdict().items()}


def scores_of(estimate: Estimate | None) -> dict[str, float | None]:
    """P(fake) with its interval, to six decimals; None without an estimate."""
    values = (None, None, None) if estimate is None else map(_rounded, estimate)
    return dict(zip(("score", "low", "high"), values, strict=True))


def _suspicion(person: Person) -> tuple[int, float]:
    estimate = person.ruling.estimate
    return _ORDER.index(person.ruling.verdict), -estimate.value if estimate else 0.0


def _rounded(log_odds: float) -> float:
    return round(as_score(log_odds), 6)


def _stretch(segment: Segment | None) -> dict[str, float] | None:
    return segment and {"start": round(segment.start, 3), "end": round(segment.end, 3)}
