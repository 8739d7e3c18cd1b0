"""From an image of any size to the detector's square input, the same way everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

from dfd_tf.types import Image

SMALLEST_SIDE = 32
SIDE_VIEW = 0.9
# Below this share of the training's side an image is enlarged to it. Public sets mix 224 and 256
# pixels, which detectors learn side by side at their own scales.
OWN_SCALE = 7 / 8
TOO_SMALL = "too small: {width}x{height} pixels, at least {needed} a side are needed"


class Window(NamedTuple):
    """A square of a fitted image, in pixels."""

    top: int
    left: int
    side: int

    def cut(self, image: Image) -> Image:
        """The pixels inside, shape (side, side, 3)."""
        return image[self.top : self.top + self.side, self.left : self.left + self.side]


@dataclass(frozen=True)
class Preprocessing:
    """How images become inputs; stored in the bundle.

    A detector knows the traces of forgery at the scale of its training's images, so `crop` brings
    what is larger, or much smaller (`OWN_SCALE`), to their size, and cuts squares out of it. What
    the lost pixels of a small image showed stays lost, but the scale is worth more: "How large a
    face must be" in docs/evidence.md. `resize` shrinks the whole central square instead and so
    shows the whole face.

    Attributes:
        size: side of the square input in pixels.
        policy: "crop" or "resize".
        views: how many squares are scored, their logits averaged: 1 (the centre), 5 (centre and
            corners of the central square) or 9 (a grid over it).
        native_side: shorter side, in pixels, of the typical training image.
        grid: windows of the policy "crop" begin at multiples of this many pixels; with 8, the
            blocks of a JPEG are whole in them.
    """

    size: int
    policy: Literal["crop", "resize"] = "crop"
    views: int = 1
    native_side: int = 256
    grid: int = 1

    input_name = "pixels"

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Of one input of the network."""
        return (self.size, self.size, 3)

    def fitted_shape(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of an image after `fit`."""
        short = min(height, width)
        target = short
        if self.policy == "crop":
            keeps = OWN_SCALE * self.native_side <= short < self.native_side
            target = max(short if keeps else self.native_side, self.size)
        scale = target / short
        return max(target, round(height * scale)), max(target, round(width * scale))

    def fit(self, image: Image) -> Image:
        """Bring an RGB image to the scale from which windows are taken."""
        return resize_to(image, *self.fitted_shape(*image.shape[:2]))

    def scale(self, square: Image) -> Image:
        """Bring a square cut from a fitted image to (size, size, 3)."""
        return resize_to(square, self.size, self.size)

    def views_of(self, image: Image) -> Image:
        """All views of an RGB image of any size, uint8, shape (views, size, size, 3)."""
        image = self.fit(image)
        return np.stack([self.scale(w.cut(image)) for w in self.windows(*image.shape[:2])])

    def windows(self, height: int, width: int) -> list[Window]:
        """The views' squares on a fitted image of this size, in the order of `views_of`."""
        short = min(height, width)
        side = self.size if self.policy == "crop" else short
        centre = self._window((height - side) // 2, (width - side) // 2, side)
        if self.views == 1:
            return [centre]
        side = self.size if self.policy == "crop" else round(SIDE_VIEW * short)
        reach = (short - side) // 2
        steps = [(-reach, -reach), (-reach, reach), (reach, -reach), (reach, reach)]
        if self.views == 9:
            steps += [(-reach, 0), (reach, 0), (0, -reach), (0, reach)]
        top, left = (height - side) // 2, (width - side) // 2
        return [centre, *(self._window(top + y, left + x, side) for y, x in steps)]

    def aligned(self, offset: Any) -> Any:
        """Where a window begins that was to begin at `offset`, a whole number or an array."""
        return offset // self.grid * self.grid if self.policy == "crop" else offset

    def _window(self, top: int, left: int, side: int) -> Window:
        return Window(self.aligned(top), self.aligned(left), side)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def too_small(image: Image) -> str | None:
    """Say why an image is too small to be judged, or return None."""
    height, width = image.shape[:2]
    if min(height, width) >= SMALLEST_SIDE:
        return None
    return TOO_SMALL.format(width=width, height=height, needed=SMALLEST_SIDE)


def resize_to(image: Image, height: int, width: int) -> Image:
    """Bring an RGB image to a size with the one filter: area averages down, cubic up."""
    if image.shape[:2] == (height, width):
        return image
    shrinks = height < image.shape[0]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized = cv2.resize(image, (width, height), interpolation=interpolation)
    return resized.astype(np.uint8, copy=False)
