"""What a page draws of a video's persons, as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfd_tf.calibration import sigmoid
from dfd_tf.video.result import Person, VideoResult


def courses_of(result: VideoResult) -> list[dict[str, Any]]:
    """The most suspicious persons with their scores over time and pictures.

    Each has `person`, `times` in seconds, `scores` as P(fake) or None where the face was too small,
    and `pictures`: `time` and `uri`, a small JPEG as a data URI.
    """
    return [_course(person) for person in result.most_suspicious]


def _course(person: Person) -> dict[str, Any]:
    scores = np.round(sigmoid(person.log_odds), 4)
    pictures = sorted({*person.pictures, *person.suspicious})
    return {
        "person": person.number,
        "times": [round(sight.time, 3) for sight in person.sights],
        "scores": [None if np.isnan(score) else float(score) for score in scores],
        "pictures": [picture._asdict() for picture in pictures],
    }
