"""From an image of any size to the detector's square input, the same way everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
SMALLEST_SIDE = 32


@dataclass(frozen=True)
class Preprocessing:
    """How images become inputs; stored in the bundle.

    Resampling erases the traces that forensic detectors live on, so `crop` cuts squares out of
    the image at its own scale. Only an image smaller than the input is enlarged, and one more
    than twice as large as the images of the training is shrunk to their size, because its scale
    would be foreign to the detector. `resize` shrinks the central square instead.

    Attributes:
        size: side of the square input in pixels.
        policy: "crop" or "resize".
        views: how many squares are cut out and scored, their logits averaged: 1 (the centre),
            5 (centre and corners of the central square) or 9 (a grid over it).
        native_side: shorter side, in pixels, of the typical training image.
    """

    size: int
    policy: Literal["crop", "resize"] = "crop"
    views: int = 1
    native_side: int = 256

    def fitted_shape(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of an image after `fit`."""
        if self.policy == "resize":
            return self.size, self.size
        short = min(height, width)
        target = short
        if short > 2 * self.native_side:
            target = max(self.native_side, self.size)
        target = max(target, self.size)
        scale = target / short
        return max(target, round(height * scale)), max(target, round(width * scale))

    def fit(self, image: Image) -> Image:
        """Scale an RGB image where the policy wants it; otherwise return it as it is."""
        if self.policy == "resize":
            image = _central_square(image)
        height, width = self.fitted_shape(*image.shape[:2])
        if (height, width) == image.shape[:2]:
            return image
        shrinks = height < image.shape[0]
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        return cv2.resize(image, (width, height), interpolation=interpolation).astype(
            np.uint8, copy=False
        )

    def cut(self, image: Image) -> Image:
        """Return the views of an RGB image, uint8, shape (views, size, size, 3)."""
        image = self.fit(image)
        corners = self._corners(*image.shape[:2])
        return np.stack([image[y : y + self.size, x : x + self.size] for y, x in corners])

    def _corners(self, height: int, width: int) -> list[tuple[int, int]]:
        """Upper left corners of the views, spread over the central square."""
        centre = ((height - self.size) // 2, (width - self.size) // 2)
        if self.views == 1 or self.policy == "resize":
            return [centre]
        reach = (min(height, width) - self.size) // 2
        steps = [(-reach, -reach), (-reach, reach), (reach, -reach), (reach, reach)]
        if self.views == 9:
            steps += [(-reach, 0), (reach, 0), (0, -reach), (0, reach)]
        return [centre, *((centre[0] + y, centre[1] + x) for y, x in steps)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def too_small(image: Image) -> str | None:
    """Say why an image is too small to be judged, or return None."""
    height, width = image.shape[:2]
    if min(height, width) >= SMALLEST_SIDE:
        return None
    return f"too small: {width}x{height} pixels, at least {SMALLEST_SIDE} a side are needed"


def _central_square(image: Image) -> Image:
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]
