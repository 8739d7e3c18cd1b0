"""What is said of a recording: the mean over the windows of its speech, with an interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from dfd_tf import calibration
from dfd_tf.audio.reading import UnusableSound
from dfd_tf.audio.windows import NoSpeech, Windows
from dfd_tf.calibration.over_time import estimate
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.listening import NOT_APPLICABLE, Listener
from dfd_tf.detectors.reading import Source, read_ahead
from dfd_tf.detectors.scoring import score_squares

AHEAD = 8  # recordings that are read while one is judged
UNSURE = "the interval of its score, {low:.2f} to {high:.2f}, reaches beyond a limit of the verdict"


class WindowScore(NamedTuple):
    """A window of the speech: its first second in the recording, and its own P(fake)."""

    start: float
    score: float


class RecordingJudgement(NamedTuple):
    """What is said of one recording; as a row it is a `Judgement` of an image without faces.

    Attributes:
        path: as it was given.
        score: calibrated P(fake) of the mean logit of its windows, NaN if nothing was judged.
        verdict: real, fake, inconclusive, not applicable (no speech, or too little) or error.
        reason: for the last three, in words.
        interval: of the score, 95 %; None for fewer than two windows, which show none.
        windows: each with its own score.
    """

    path: str
    score: float
    verdict: str
    reason: str
    interval: tuple[float, float] | None = None
    windows: tuple[WindowScore, ...] = ()
    box: None = None

    @property
    def rounded(self) -> float | None:
        """The score as it is written; None where there is none."""
        return None if math.isnan(self.score) else round(self.score, 6)

    @property
    def note(self) -> str:
        """The interval, for people."""
        if not self.windows:
            return ""
        n = f"{len(self.windows)} window{'s' if len(self.windows) > 1 else ''}"
        return f"{self.interval[0]:.2f} to {self.interval[1]:.2f}, {n}" if self.interval else n

    def as_row(self) -> dict[str, Any]:
        """The same for JSON; `experimental` until the detectors of sound are worth more."""
        return {
            "path": self.path,
            "score": self.rounded,
            "verdict": self.verdict,
            "reason": self.reason,
            "interval": self.interval and [round(limit, 6) for limit in self.interval],
            "windows": [{"start": round(s, 2), "score": round(p, 6)} for s, p in self.windows],
            "experimental": True,
        }


def judge_recordings(
    detector: Detector, sources: Iterable[Source]
) -> Iterator[list[RecordingJudgement]]:
    """Judge recordings one after the other: one row each, as soon as it is there.

    Args:
        detector: of sound.
        sources: paths or `NamedBytes`, in any number.

    Raises:
        UserError: the detector judges images.
    """
    listener = Listener(detector.hearing)

    def heard(source: Source) -> tuple[str, Windows | UnusableSound]:
        name = str(source) if not hasattr(source, "name") else source.name
        try:
            return name, listener.windows_of(source)
        except UnusableSound as error:
            return name, error

    for name, found in read_ahead(heard, sources, AHEAD):
        if isinstance(found, UnusableSound):
            verdict = NOT_APPLICABLE if isinstance(found, NoSpeech) else "error"
            yield [RecordingJudgement(name, math.nan, verdict, found.reason)]
        else:
            yield [judge_windows(detector, name, found)]


def judge_windows(detector: Detector, name: str, heard: Windows) -> RecordingJudgement:
    """What is said of the windows of a recording."""
    logits = score_squares(detector.model, heard.samples)
    of = detector.calibration
    whole = float(calibration.scores([logits.mean()], of)[0])
    interval = None
    if len(logits) > 1:
        _, low, high = estimate(heard.starts, logits)
        low, high = calibration.scores([low, high], of).tolist()
        interval = (min(low, whole), max(high, whole))
    each = calibration.scores(logits, of).tolist()
    windows = tuple(map(WindowScore, heard.starts.tolist(), each))
    return RecordingJudgement(name, whole, *_verdict(detector, whole, interval), interval, windows)


def _verdict(detector: Detector, score: float, interval: Sequence[float] | None) -> tuple[str, str]:
    """Verdict and reason: one that holds over the whole interval, or none."""
    of = detector.calibration
    (verdict,) = calibration.verdicts([score], of)
    if reason := calibration.reason_for(score, of):
        return verdict, reason
    if interval and len(set(calibration.verdicts(np.array(interval), of))) > 1:
        return "inconclusive", UNSURE.format(low=interval[0], high=interval[1])
    return verdict, ""
