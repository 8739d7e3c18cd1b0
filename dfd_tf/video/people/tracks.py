"""Faces of one frame after the other, joined to tracks: one a person and shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dfd_tf.faces import Face
from dfd_tf.types import Floats, Image
from dfd_tf.video.people.shots import colours, hellinger

PATIENCE = 3.0  # seconds without its face, as when somebody passes in front, that a track outlives
# Four times a second a head can move by its own width: boxes are compared grown to this factor.
GROWN = 2.0
LEAST_OVERLAP = 0.1
COLOUR_WEIGHT = 0.5  # of the colours' distance beside the overlap, which decides between two
LEARNS = 0.2  # share of the newest look in what a track remembers of its colours
STEADY = 0.5  # share of the newest step in a track's speed


@dataclass
class Track:
    """A person in a shot, as far as the tracker knows.

    Attributes:
        number: of the track in its video, from 1.
        shot: of the video, from 1.
        face: where it was seen last.
        time: when, in seconds.
        speed: of its centre, pixels a second in x and y.
        look: colours of the face and what is around it.
    """

    number: int
    shot: int
    face: Face
    time: float
    look: NDArray[np.float32]
    speed: Floats = field(default_factory=lambda: np.zeros(2))

    def expected(self, time: float) -> Face:
        """Where it should be by now if it went on as before; it is not expected to go far."""
        reach = max(self.face.width, self.face.height)
        move = np.clip(self.speed * (time - self.time), -3 * reach, 3 * reach)
        left, top = self.face.left + float(move[0]), self.face.top + float(move[1])
        return self.face._replace(left=left, top=top)

    def see(self, face: Face, time: float, look: NDArray[np.float32]) -> None:
        """Move to where it was found."""
        step = (_centre(face) - _centre(self.face)) / max(time - self.time, 1e-3)
        self.speed = STEADY * step + (1 - STEADY) * self.speed
        self.face, self.time = face, time
        self.look = (1 - LEARNS) * self.look + LEARNS * look


class Tracker:
    """Joins faces to tracks by overlap and colours, the best assignment of all at once.

    Attributes:
        alive: tracks whose person may still be seen.
    """

    def __init__(self) -> None:
        self.alive: list[Track] = []
        self._begun = self._shots = 0

    def begin_shot(self) -> None:
        """Forget everybody: where the picture changes, places mean nothing any more."""
        self.alive = []
        self._shots += 1

    @property
    def shots(self) -> int:
        """How many have begun."""
        return self._shots

    def update(self, image: Image, faces: Sequence[Face], time: float) -> list[Track]:
        """Give each face of an RGB frame to a track, new or known.

        Returns:
            The tracks in the order of the faces.
        """
        self.alive = [track for track in self.alive if time - track.time <= PATIENCE]
        looks = [_look(image, face) for face in faces]
        given = self._assigned(faces, looks, time)
        return [
            self._followed(given.get(i), face, look, time)
            for i, (face, look) in enumerate(zip(faces, looks, strict=True))
        ]

    def _assigned(
        self, faces: Sequence[Face], looks: Sequence[NDArray[np.float32]], time: float
    ) -> dict[int, Track]:
        """By number of the face, the track that it belongs to, where there is one."""
        if not faces or not self.alive:
            return {}
        expected = [track.expected(time) for track in self.alive]
        overlaps = np.array([[overlap(face, place) for place in expected] for face in faces])
        strangeness = np.array([[hellinger(a, t.look) for t in self.alive] for a in looks])
        allowed = overlaps >= LEAST_OVERLAP
        worth = np.where(allowed, 1 + overlaps - COLOUR_WEIGHT * strangeness, 0.0)
        rows, columns = linear_sum_assignment(worth, maximize=True)
        return {
            int(row): self.alive[column]
            for row, column in zip(rows, columns, strict=True)
            if allowed[row, column]
        }

    def _followed(
        self, track: Track | None, face: Face, look: NDArray[np.float32], time: float
    ) -> Track:
        if track is None:
            self._begun += 1
            track = Track(self._begun, self._shots, face, time, look)
            self.alive.append(track)
        else:
            track.see(face, time, look)
        return track


def overlap(a: Face, b: Face) -> float:
    """Intersection over union of two boxes, each grown around its centre by `GROWN`."""
    a, b = _grown(a), _grown(b)
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    shared = max(0.0, width) * max(0.0, height)
    return shared / max(1e-9, a.width * a.height + b.width * b.height - shared)


def _grown(face: Face) -> Face:
    wider, higher = (GROWN - 1) * face.width, (GROWN - 1) * face.height
    return Face(
        face.left - wider / 2,
        face.top - higher / 2,
        face.width + wider,
        face.height + higher,
        face.confidence,
    )


def _look(image: Image, face: Face) -> NDArray[np.float32]:
    """Colours of the face, hair and collar."""
    seen = _grown(face)
    rows = slice(max(0, round(seen.top)), max(1, round(seen.top + seen.height)))
    columns = slice(max(0, round(seen.left)), max(1, round(seen.left + seen.width)))
    piece = image[rows, columns]
    return colours(piece if piece.size else image[:1, :1])


def _centre(face: Face) -> Floats:
    return np.array([face.left + face.width / 2, face.top + face.height / 2])
