"""What networks see of a piece of a photo: one detector's input, or one for each of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dfd_tf.audio.reading import Samples
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.faces.framing import Framing
from dfd_tf.faces.piece import Piece
from dfd_tf.types import Image


class MemberView(NamedTuple):
    """How a member of an ensemble sees a face: cut out in its own framing, at its own scale.

    Attributes:
        preprocessing: how images become its inputs.
        framing: how its training images showed faces; None where that is not known.
    """

    preprocessing: Preprocessing
    framing: Framing | None

    def cut(self, piece: Piece) -> Image:
        """What of the photo it judges: the same face in its own framing, where one was cut out."""
        if self.framing is None or piece.around is None:
            assert piece.image is not None
            return piece.image
        return piece.around(self.framing)


Seeing = Preprocessing | Sequence[MemberView]
# For each network uint8, (views, size, size, 3); of sound float32, (windows, size).
Squares = Image | Samples | tuple[Image, ...]


def squares_of(seeing: Seeing, piece: Piece, change: Callable[[Image], Image]) -> Squares:
    """The inputs of the network, or of each member, that stand for a piece with an image.

    Args:
        seeing: of one detector, or of an ensemble's members.
        piece: of a photo.
        change: happens to the RGB pixels that are judged.
    """
    if isinstance(seeing, Preprocessing):
        assert piece.image is not None
        return seeing.views_of(change(piece.image))
    return tuple(view.preprocessing.views_of(change(view.cut(piece))) for view in seeing)
