"""What is said of a person and of a video, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfd_tf.calibration import sigmoid
from dfd_tf.calibration.novelty import OUTSIDE, Novelty
from dfd_tf.calibration.over_time import Estimate, estimate
from dfd_tf.types import Floats
from dfd_tf.video.deciding.segments import Segment, forged_segments
from dfd_tf.video.deciding.thresholds import VideoThresholds

REAL, FAKE, INCONCLUSIVE, NOT_APPLICABLE, ERROR = (
    "real",
    "fake",
    "inconclusive",
    "not applicable",
    "error",
)
GRADES = {
    FAKE: "Looks forged.",
    REAL: "No trace of the forgeries that the detector has learned.",
    INCONCLUSIVE: "No verdict: too suspicious to wave through, too weak to accuse.",
    NOT_APPLICABLE: "Nothing here that could be judged.",
    ERROR: "The file could not be judged.",
}
FEWEST_FRAMES = 4
SHORTEST_SECONDS = 0.7  # from the first to the last of four frames at four a second


@dataclass(frozen=True)
class Ruling:
    """What is said of a person.

    Attributes:
        verdict: real, fake, inconclusive or not applicable.
        reason: for the last two, in words.
        estimate: of the stretch that decides, in log-odds; None where there is none.
        segments: stretches that look forged.
        decisive: the segment that decides, where it is not the whole track.
    """

    verdict: str
    reason: str
    estimate: Estimate | None = None
    segments: tuple[Segment, ...] = ()
    decisive: Segment | None = None


@dataclass(frozen=True)
class Evidence:
    """What is known of a person before anything is decided.

    Attributes:
        times: of the frames that count, in seconds, shape (n,).
        log_odds: calibrated, of a fake, shape (n,).
        too_small: how many frames more showed the face too small to be judged.
        distances: from what the detector knows, by frame; empty where that is not measured.
    """

    times: Floats
    log_odds: Floats
    too_small: int = 0
    distances: Sequence[Sequence[float]] = ()

    @property
    def why_not(self) -> str:
        """Why this is not enough for any verdict; empty where it is."""
        if len(self.times) >= FEWEST_FRAMES:
            seconds = float(self.times[-1] - self.times[0])
            return "" if seconds >= SHORTEST_SECONDS else f"seen for {seconds:.1f} s only"
        if self.too_small > len(self.times):
            return "the face is too small to be judged"
        return f"seen in {len(self.times)} frames only, {FEWEST_FRAMES} are needed"


def statistic(
    evidence: Evidence, level: float
) -> tuple[Estimate, tuple[Segment, ...], Segment | None]:
    """What decides on a person: the whole track, or its stretch that looks most forged.

    A forgery of a few seconds would drown in the mean of a long track. Thresholds for videos are
    set on this very value, so that the choice of the stretch is accounted for.

    Returns:
        The estimate, all segments that look forged, and the one that decides if one does.
    """
    whole = estimate(evidence.times, evidence.log_odds)
    segments = tuple(forged_segments(evidence.times, evidence.log_odds, level))
    best, decisive = whole, None
    for segment in segments:
        if segment.frames.stop - segment.frames.start < FEWEST_FRAMES:
            continue
        part = estimate(evidence.times[segment.frames], evidence.log_odds[segment.frames])
        if part.value > best.value:
            best, decisive = part, segment
    return best, segments, decisive


def rule(
    evidence: Evidence, thresholds: VideoThresholds, persons: int, novelty: Novelty | None = None
) -> Ruling:
    """What is said of a person, as one of so many in the video that can be judged.

    A verdict that most of the frames it stands on do not allow, since they are too far from what
    the detector knows, is not given.
    """
    if evidence.why_not:
        return Ruling(NOT_APPLICABLE, evidence.why_not)
    found, segments, decisive = statistic(evidence, thresholds.level)
    verdict, reason = _position(found, thresholds.low, thresholds.fake_from(persons))
    if verdict == REAL and segments:
        verdict, reason = INCONCLUSIVE, "looks real as a whole, but for a moment forged"
    frames = evidence.distances[decisive.frames if decisive else slice(None)]
    if novelty and _mostly_outside(novelty, verdict, frames):
        verdict, reason = INCONCLUSIVE, OUTSIDE
    return Ruling(verdict, reason, found, segments, decisive)


def _mostly_outside(novelty: Novelty, verdict: str, frames: Sequence[Sequence[float]]) -> bool:
    outside = sum(novelty.is_new(verdict, distances) for distances in frames if distances)
    return outside > len(frames) / 2


def _position(found: Estimate, low: float, high: float) -> tuple[str, str]:
    if found.low >= high:
        return FAKE, ""
    if found.high < low:
        return REAL, ""
    score, *limits = (f"{as_score(x):.2f}" for x in (found.value, low, high))
    between = f"({limits[0]}, {limits[1]})"
    if low <= found.value < high:
        return INCONCLUSIVE, f"score {score} lies between what is called real and fake {between}"
    interval = f"{as_score(found.low):.2f} to {as_score(found.high):.2f}"
    reason = f"the interval of its score, {interval}, reaches into where no verdict is given"
    return INCONCLUSIVE, f"{reason} {between}"


def overall(rulings: Sequence[Ruling]) -> tuple[str, str, Ruling | None]:
    """Verdict and reason of a video, and the ruling that decides: of its most suspicious person.

    Args:
        rulings: of all persons, by their number from 1.
    """
    judged = [ruling for ruling in rulings if ruling.estimate]
    if not judged:
        return NOT_APPLICABLE, _why_nobody(rulings), None
    ranks = {FAKE: 2, INCONCLUSIVE: 1, REAL: 0}
    worst = max(judged, key=lambda r: (ranks[r.verdict], r.estimate and r.estimate.value))
    who = f"person {rulings.index(worst) + 1}: " if len(rulings) > 1 else ""
    return worst.verdict, f"{who}{worst.reason}" if worst.reason else "", worst


def _why_nobody(rulings: Sequence[Ruling]) -> str:
    if not rulings:
        return "no face found"
    reason, _ = Counter(ruling.reason for ruling in rulings).most_common(1)[0]
    return reason if len(rulings) == 1 else f"none of {len(rulings)} faces: {reason}"


def as_score(log_odds: float) -> float:
    """P(fake) of log-odds."""
    return float(sigmoid(np.array(log_odds)))
