"""Which part of a fake was edited, where its dataset tells, and how much of the heat lies there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.sets.layouts.ciplab import exchanged_parts
from dfd_tf.demo import forged_share

Region = NDArray[np.float32]
"""(height, width) in [0, 1]: how far each pixel belongs to the edited part."""

# Left, top, right and bottom as shares of the sides. CIPLab's faces fill more of the picture than
# FFHQ's and are held more freely, so the boxes are wider and lower than an aligned template's. Its
# "left eye" is the one on the left of the picture.
PART_BOXES = {
    "left_eye": (0.24, 0.40, 0.49, 0.57),
    "right_eye": (0.51, 0.40, 0.76, 0.57),
    "nose": (0.39, 0.46, 0.61, 0.72),
    "mouth": (0.30, 0.68, 0.70, 0.88),
}

# A region that is nearly the whole picture says nothing about where the heat should be.
LARGEST_SHARE = 0.9


@dataclass(frozen=True)
class Shares:
    """How heat and area are shared out; equal shares are what a blind map would have.

    Attributes:
        heat: share of the heat that lies inside the edited region, in [0, 1].
        area: the region's share of what the detector saw, in (0, 1).
    """

    heat: float
    area: float


def edited_region(path: str | Path, height: int, width: int) -> Region | None:
    """The edited part of a CIPLab fake (boxes after its file name) or of a demo fake (its mask).

    Args:
        path: of the image in its dataset's folder.
        height: of the image in pixels.
        width: likewise.

    Returns:
        None where nothing is known of the image.
    """
    region = forged_share(path)
    if region is not None:
        return region if region.shape == (height, width) else None
    parts = exchanged_parts(path)
    return _boxes(parts, height, width) if parts else None


def shares_inside(
    heat: NDArray[np.float32], seen: NDArray[np.bool_], region: Region
) -> Shares | None:
    """Shares of heat and area inside a region, counting only what the detector saw.

    Returns:
        None where there is no heat, or where the region is empty or nearly everything.
    """
    area = float(region[seen].mean())
    total = float(heat[seen].sum(dtype=np.float64))
    if not 0 < area <= LARGEST_SHARE or total <= 0:
        return None
    return Shares(float((heat * region)[seen].sum(dtype=np.float64)) / total, area)


def _boxes(parts: list[str], height: int, width: int) -> Region:
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    region = np.zeros((height, width), np.float32)
    for part in parts:
        left, top, right, bottom = PART_BOXES[part]
        region[np.outer((top <= y) & (y < bottom), (left <= x) & (x < right))] = 1
    return region
