"""JPEG files that cost a decoder what photos of faces cost it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.data.sets.file_check import check_files

SIDE = 256
QUALITY = 90
# The fall of the amplitude spectrum of natural images, and the noise of a sensor: together they
# give files of 15 KB, like 256-pixel photos of faces at this quality.
SPECTRAL_SLOPE = 1.7
CONTRAST = 50.0
SENSOR_NOISE = 1.0


def natural_image(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Random image with the 1/f spectrum of photos, uint8, shape (SIDE, SIDE, 3)."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(rng.standard_normal((SIDE, SIDE, 3)), axes=(0, 1))
    image = np.fft.irfft2(noise / frequency[..., None] ** SPECTRAL_SLOPE, axes=(0, 1))
    image = image[..., :1] + 0.3 * image  # colours vary less than brightness
    image = 128 + CONTRAST * image / image.std()
    image += SENSOR_NOISE * rng.standard_normal(image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def write_photos(folder: Path, n: int, seed: int) -> pd.DataFrame:
    """Write n JPEG files and return their table, as `check_files` makes it."""
    rng = np.random.default_rng(seed)
    paths = [folder / f"{i:05}.jpg" for i in range(n)]
    for path in paths:
        cv2.imwrite(str(path), natural_image(rng), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return table(paths)


def find_photos(folder: Path, n: int) -> pd.DataFrame:
    """Table of the first n JPEG files below a folder."""
    return table(sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".jpeg"))[:n])


def table(paths: list[Path]) -> pd.DataFrame:
    """Check the files; labels take turns, since no benchmark depends on them."""
    labels = np.arange(len(paths)) % 2
    names = [str(path) for path in paths]
    return check_files(pd.DataFrame({"path": names, "label": labels}), progress=False).usable
