"""The most confident mistakes, with a small picture of each: what a metric cannot show."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from dfd_tf.data.decode import UnusableImage, read_image
from dfd_tf.evaluation.beside import MapOf

PER_CLASS = 8
THUMBNAIL_SIDE = 128  # pixels
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True)
class Mistake:
    """A wrongly judged image.

    Attributes:
        path: Of the file.
        score: Calibrated P(fake).
        picture: A JPEG as a data URI; empty where the file cannot be read any more.
        map: The same with what speaks for the verdict laid over it; empty without maps.
    """

    path: str
    score: float
    picture: str
    map: str = ""


def accused_reals(
    table: pd.DataFrame, threshold: float, map_of: MapOf | None = None
) -> list[Mistake]:
    """Real images at or above the threshold, the highest scores first."""
    wrong = table[(table["label"] == 0) & (table["score"] >= threshold)]
    return _pictured(wrong.sort_values("score", ascending=False, kind="stable"), map_of)


def missed_fakes(
    table: pd.DataFrame, threshold: float, map_of: MapOf | None = None
) -> list[Mistake]:
    """Fake images below the threshold, the lowest scores first."""
    wrong = table[(table["label"] == 1) & (table["score"] < threshold)]
    return _pictured(wrong.sort_values("score", kind="stable"), map_of)


def thumbnail(path: str) -> str:
    """A small JPEG of an image file as a data URI; empty where it cannot be read."""
    try:
        return _as_uri(read_image(path))
    except (UnusableImage, OSError):
        return ""


def _as_uri(pixels: NDArray[np.uint8]) -> str:
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _pictured(rows: pd.DataFrame, map_of: MapOf | None) -> list[Mistake]:
    worst = rows.head(PER_CLASS)
    return [
        _mistake(str(path), float(score), map_of)
        for path, score in zip(worst["path"], worst["score"], strict=True)
    ]


def _mistake(path: str, score: float, map_of: MapOf | None) -> Mistake:
    picture = thumbnail(path)
    mapped = _as_uri(map_of(read_image(path), score)) if map_of and picture else ""
    return Mistake(path, score, picture, mapped)
