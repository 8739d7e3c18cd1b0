"""Frame after frame: whose face is where, and how forged it looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from dfd_tf.detectors.detector import Detector, Judgement
from dfd_tf.detectors.reading import NamedImage
from dfd_tf.errors import UserError
from dfd_tf.faces import Box, Face, Framing
from dfd_tf.types import Image
from dfd_tf.video.people.search import FaceSearch
from dfd_tf.video.people.shots import ShotFinder
from dfd_tf.video.people.tracks import Tracker
from dfd_tf.video.reading.samples import Sample

_SHARPNESS_SIDE = 112


class Sight(NamedTuple):
    """A face in a frame.

    Attributes:
        time: of the frame in seconds.
        person: number of the track, from 1.
        shot: number of the shot, from 1.
        box: where the face is, in pixels of the upright frame.
        confidence: how sure the finder is that it is a face.
        logit: positive = fake; NaN where the face is too small to be judged.
        sharpness: variance of the Laplacian of the face at 112 pixels; low where it is blurred.
        distances: from what the detector knows; empty where that is not measured.
    """

    time: float
    person: int
    shot: int
    box: Box
    confidence: float
    logit: float
    sharpness: float
    distances: tuple[float, ...] = ()


class _Answer(NamedTuple):
    """What the detector says of a face; see `Sight`."""

    logit: float
    distances: tuple[float, ...] = ()

    @classmethod
    def of(cls, judgement: Judgement) -> _Answer:
        return cls(judgement.logit, judgement.distances)


class Watcher:
    """Watches a video, or a camera, whose frames it is given one by one.

    Scores are those that `dfd predict` gives to the same crops: faces are cut out as the
    detector's training photos show them, and go the one road of all photos from there.
    """

    def __init__(self, detector: Detector) -> None:
        """Start the finder of faces.

        Raises:
            UserError: the framing of the detector's training images is not known, or the face
                finder is not installed.
        """
        self._framing = _framing_of(detector)
        self._smallest = detector.smallest_face
        self._judge = detector.judging("whole")
        self._search, self._tracker, self._shots = FaceSearch(), Tracker(), ShotFinder()

    @property
    def shots(self) -> int:
        """How many shots there were so far."""
        return self._tracker.shots

    def __call__(self, sample: Sample) -> list[tuple[Sight, Image]]:
        """Faces in a frame, with their crops as they were judged, RGB."""
        image, time = sample.image, sample.time
        if new_shot := self._shots.begins(image):
            self._tracker.begin_shot()
        faces = self._search(image, time, self._tracker.alive, new_shot=new_shot)
        tracks = self._tracker.update(image, faces, time)
        crops = [self._framing.window(image, face).cut(image) for face in faces]
        answers = self._answers(faces, crops)
        return [
            (_sight(image, time, track.number, self.shots, face, answer), crop)
            for track, face, answer, crop in zip(tracks, faces, answers, crops, strict=True)
        ]

    def _answers(self, faces: Sequence[Face], crops: Sequence[Image]) -> list[_Answer]:
        large = [max(face.width, face.height) >= self._smallest for face in faces]
        sources = [NamedImage("face", crop) for crop, ok in zip(crops, large, strict=True) if ok]
        judged = iter(self._judge(sources)) if sources else iter([])
        return [_Answer.of(next(judged)[0]) if ok else _Answer(np.nan) for ok in large]


def _framing_of(detector: Detector) -> Framing:
    if detector.framing is None:
        raise UserError(
            f"{detector.info.name} does not know how its training images showed faces, so none can "
            "be cut out of a video for it. Choose another --model, or train it anew."
        )
    return detector.framing


def _sight(image: Image, time: float, person: int, shot: int, face: Face, said: _Answer) -> Sight:
    box = Box(*(round(side) for side in face[:4]))
    sharpness = _sharpness(image, box)
    return Sight(time, person, shot, box, face.confidence, said.logit, sharpness, said.distances)


def _sharpness(image: Image, box: Box) -> float:
    left, top = max(0, box.left), max(0, box.top)
    piece = image[top : max(1, box.top + box.height), left : max(1, box.left + box.width)]
    if not piece.size:
        return 0.0
    grey = cv2.cvtColor(np.ascontiguousarray(piece), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SHARPNESS_SIDE, _SHARPNESS_SIDE), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(small, cv2.CV_64F).var())
