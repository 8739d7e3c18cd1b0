"""What of a photo is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dfd_tf.types import Image

if TYPE_CHECKING:
    from dfd_tf.faces.framing import Framing


class Box(NamedTuple):
    """Where a face is in its photo, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Piece(NamedTuple):
    """What is judged of a photo, or why nothing is.

    Attributes:
        image: RGB pixels; None if there is nothing to judge.
        box: the face's, where the piece was cut out around one.
        verdict: in place of a judgement, where there is no image.
        reason: for that verdict.
        around: cuts the same face out in another framing, where the piece was cut out around one.
    """

    image: Image | None
    box: Box | None = None
    verdict: str = ""
    reason: str = ""
    around: Callable[[Framing], Image] | None = None


Cutter = Callable[[Image], Sequence[Piece]]


def main_piece(cut: Cutter, image: Image) -> Image:
    """What of an RGB photo is judged first: its largest face, or all of it where none is cut."""
    piece = cut(image)[0].image
    return image if piece is None else piece


def whole(image: Image) -> Sequence[Piece]:
    """A photo as one piece."""
    return [Piece(image)]
