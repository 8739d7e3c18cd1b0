"""How much of a photo around a face a detector was trained on, and cutting faces out that way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dfd_tf.data.preprocess import Window
from dfd_tf.faces.finder import Face, FaceFinder
from dfd_tf.types import Image

# A second face of this share of the first one's side makes a photo one of several people.
RIVAL = 0.5
# In face crops of public sets the finder finds 98 in 100 faces.
FEWEST = 0.8


@dataclass(frozen=True)
class Framing:
    """How the faces of a set fill their pictures; lengths in sides of the face's box.

    Attributes:
        side: shorter side of the typical picture.
        widest: shorter side of the pictures with the most room around the face (99th percentile).
        lift: by how much the typical picture's centre lies above the face's.
        n: pictures in which a face was found when this was measured.
    """

    side: float
    widest: float
    lift: float
    n: int

    def shows(self, image: Image, faces: Sequence[Face]) -> bool:
        """Whether an image as a whole is framed as the set's are, around one main face.

        Args:
            image: RGB image.
            faces: the faces in it, the largest first.
        """
        if not faces:
            return False
        sides = [_side(face) for face in faces]
        alone = len(sides) == 1 or sides[1] < RIVAL * sides[0]
        return alone and min(image.shape[:2]) <= self.widest * sides[0]

    def window(self, image: Image, face: Face) -> Window:
        """The square around a face, inside the image and so perhaps off centre or smaller."""
        height, width = image.shape[:2]
        side = max(1, min(round(self.side * _side(face)), height, width))
        x = face.left + face.width / 2
        y = face.top + face.height / 2 - self.lift * _side(face)
        top = int(np.clip(round(y - side / 2), 0, height - side))
        left = int(np.clip(round(x - side / 2), 0, width - side))
        return Window(top, left, side)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def measure_framing(images: Iterable[Image], finder: FaceFinder) -> Framing | None:
    """Measure how faces fill the images of a set; None if too many of them show none."""
    relations = [_relation(image, finder.find(image)) for image in images]
    found = [relation for relation in relations if relation]
    if not found or len(found) < FEWEST * len(relations):
        return None
    sides, lifts = np.array(found).T
    return Framing(
        side=round(float(np.median(sides)), 3),
        widest=round(float(np.percentile(sides, 99)), 3),
        lift=round(float(np.median(lifts)), 3),
        n=len(found),
    )


def _relation(image: Image, faces: Sequence[Face]) -> tuple[float, float] | None:
    """Shorter side and lift of an image in sides of its largest face."""
    if not faces:
        return None
    face, (height, width) = faces[0], image.shape[:2]
    centre = face.top + face.height / 2
    return min(height, width) / _side(face), (centre - height / 2) / _side(face)


def _side(face: Face) -> float:
    return max(face.width, face.height)
