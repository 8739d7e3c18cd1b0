"""What the pixels of an image give away about its making rather than its content.

All statistics but the colour are taken on the centre of the image, at most 256 pixels a side, cut
on the 8x8 grid of the file, so that they cost the same for every image.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from dfd_tf.types import Image

SIDE = 256
BLOCK = 8  # of JPEG, in pixels
BANDS = 10  # of spatial frequency, up to the Nyquist frequency of one axis; one more for corners

COLOUR = ("red", "green", "blue", "saturation")
SHARPNESS = ("laplacian", "gradient")
SPECTRUM = tuple(f"band_{i}" for i in range(BANDS + 1))
BLOCK_PHASE = tuple(f"{axis}_{i}" for axis in ("row", "column") for i in range(BLOCK))
PIXEL_TRAITS = (*COLOUR, *SHARPNESS, *SPECTRUM, *BLOCK_PHASE)


def pixel_traits(image: Image) -> NDArray[np.float64]:
    """The numbers named in `PIXEL_TRAITS`, in that order.

    Args:
        image: RGB, at least 16 pixels a side.
    """
    grey = cv2.cvtColor(_centre(image), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.concatenate([_colour(image), _sharpness(grey), _spectrum(grey), _block_phase(grey)])


def _centre(image: Image) -> Image:
    height, width = (min(SIDE, side // BLOCK * BLOCK) for side in image.shape[:2])
    top = (image.shape[0] - height) // 2 // BLOCK * BLOCK
    left = (image.shape[1] - width) // 2 // BLOCK * BLOCK
    return image[top : top + height, left : left + width]


def _colour(image: Image) -> NDArray[np.float64]:
    """Mean red, green and blue of the whole image, and the mean gap between the channels."""
    means = np.array(cv2.mean(image)[:3])
    return np.append(means, means.max() - means.min())


def _sharpness(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logarithms of the variance of the Laplacian and of the mean absolute gradient."""
    laplacian = cv2.Laplacian(grey, cv2.CV_32F)
    gradient = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.log1p([float(laplacian.var()), float(gradient.mean())])


def _spectrum(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logarithm of the share of the energy in each band of frequency, without the mean.

    A resize filter is a low-pass: it shows in how the upper bands fall off, whatever the picture.
    The cosine transform mirrors at the border, so that no window is needed.
    """
    energy = np.square(cv2.dct(grey)).ravel()
    bands = np.bincount(_band_of(*grey.shape), weights=energy, minlength=BANDS + 2)[1:]
    return np.log((bands + 1e-3) / (bands.sum() + 1e-3))


@lru_cache(maxsize=64)
def _band_of(height: int, width: int) -> NDArray[np.int64]:
    """Band of each coefficient, flat: 0 is the mean, `BANDS` + 1 lies beyond the axes' Nyquist."""
    radius = np.hypot(np.arange(height)[:, None] / height, np.arange(width) / width)
    bands = 1 + np.minimum((radius * BANDS).astype(np.int64), BANDS)
    bands[0, 0] = 0
    return bands.ravel()


def _block_phase(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """How rough the image is at each of the eight row and column offsets, against its mean.

    The cross difference of four neighbours cancels edges along both axes and keeps the steps
    between JPEG blocks, which stand at one offset: the last, unless the image was cropped or
    resized after compression (Chen and Hsu, IEEE TIFS 2011, use the same measure).
    """
    cross = np.abs(grey[:-1, :-1] + grey[1:, 1:] - grey[:-1, 1:] - grey[1:, :-1])
    rows, columns = (side // BLOCK for side in cross.shape)
    cells = cross[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    phases = cells.mean(axis=(0, 2), dtype=np.float64)  # (8, 8): row offset, column offset
    return np.concatenate([phases.mean(axis=1), phases.mean(axis=0)]) / (phases.mean() + 1e-3)
