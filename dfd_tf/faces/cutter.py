"""From a photo to the pieces of it that a detector can judge."""

from __future__ import annotations

from collections.abc import Sequence
from threading import local

from dfd_tf.faces.finder import Face, FaceFinder
from dfd_tf.faces.framing import Framing
from dfd_tf.faces.piece import Box, Piece
from dfd_tf.types import Image

NO_FACE = Piece(None, verdict="no face", reason="no face found")


class FaceCutter:
    """Cuts the faces out of photos as the detector's training photos show them.

    It may be called from several threads: each gets a finder of its own.

    Args:
        framing: of the training photos.
        always: cut also where the whole photo is framed that way already.
    """

    def __init__(self, framing: Framing, *, always: bool) -> None:
        self.framing = framing
        self.always = always
        self._own = local()
        self._own.finder = FaceFinder()

    def __call__(self, image: Image) -> Sequence[Piece]:
        """Pieces of an RGB photo, the largest face first."""
        faces = self._finder().find(image)
        if not faces:
            return [NO_FACE]
        if not self.always and self.framing.shows(image, faces):
            return [Piece(image)]
        return [Piece(self.framing.window(image, face).cut(image), _box(face)) for face in faces]

    def _finder(self) -> FaceFinder:
        if not hasattr(self._own, "finder"):
            self._own.finder = FaceFinder()
        return self._own.finder


def _box(face: Face) -> Box:
    return Box(round(face.left), round(face.top), round(face.width), round(face.height))
