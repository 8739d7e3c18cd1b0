"""From a photo to the pieces of it that a detector can judge."""

from __future__ import annotations

from collections.abc import Sequence
from threading import local

from dfd_tf.faces.finder import Face, FaceFinder
from dfd_tf.faces.framing import Framing
from dfd_tf.faces.piece import Box, Piece
from dfd_tf.faces.turns import Look, look
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
        """Pieces of an RGB photo, the largest face first.

        Of a photo that lies on a side they are upright, and their boxes are where the faces are in
        the photo as it is.
        """
        seen = look(self._finder(), image)
        if not seen.faces:
            return [NO_FACE]
        if not self.always and self.framing.shows(seen.image, seen.faces):
            return [Piece(seen.image)]
        return [self._piece(seen, face) for face in seen.faces]

    def _piece(self, seen: Look, face: Face) -> Piece:
        def around(framing: Framing) -> Image:
            return framing.window(seen.image, face).cut(seen.image)

        return Piece(around(self.framing), _box(seen.as_stored(face)), around=around)

    def _finder(self) -> FaceFinder:
        if not hasattr(self._own, "finder"):
            self._own.finder = FaceFinder()
        return self._own.finder


def _box(face: Face) -> Box:
    return Box(round(face.left), round(face.top), round(face.width), round(face.height))
