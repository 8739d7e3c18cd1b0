"""From which scores on a person in a video is called fake, and up to which real."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dfd_tf.calibration import Calibration, logit, sigmoid

# Videos are compressed as no photo is, which shifts scores by as much as one class lies from the
# other. A band that was set on photos is widened by this factor of the odds on either side.
CAUTION = math.e


@dataclass(frozen=True)
class VideoThresholds:
    """The band in which a person of a video gets no verdict, in log-odds of a fake.

    Attributes:
        set_on: "videos", or "photos" where the detector has none for videos.
        low: below it a person is real.
        high: from it on a person is fake.
        level: from which on a single frame looks forged.
        crowd: whether the odds that an accusation needs grow with the number of persons. They do
            where thresholds are for one photo; those for videos were set on the most suspicious
            person of each, so that they hold for a crowd already.
    """

    set_on: str
    low: float
    high: float
    level: float
    crowd: bool

    def fake_from(self, persons: int) -> float:
        """Log-odds that accuse one of so many persons."""
        return self.high + (math.log(max(1, persons)) if self.crowd else 0.0)

    def as_scores(self, persons: int) -> dict[str, Any]:
        """The same as P(fake), for verdict.json."""
        low, high = (float(sigmoid(np.array(x))) for x in (self.low, self.fake_from(persons)))
        return {"set_on": self.set_on, "real_below": low, "fake_from": high, "persons": persons}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def video_thresholds(calibration: Calibration, level: float) -> VideoThresholds:
    """The band as it was set on videos."""
    low, high = (float(logit(np.array(score))) for score in calibration.band)
    return VideoThresholds("videos", low, high, level, crowd=False)


def photo_thresholds(calibration: Calibration) -> VideoThresholds:
    """What can be said of videos by thresholds for photos: less, and only what is far from them."""
    low, high = (float(logit(np.array(score))) for score in calibration.band)
    caution = math.log(CAUTION)
    return VideoThresholds("photos", low - caution, high + caution, high, crowd=True)
