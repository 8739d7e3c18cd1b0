"""The most confident mistakes, with a small picture of each: what a metric cannot show."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import pandas as pd
from PIL import Image

from dfd_tf.data.decode import UnusableImage, read_image

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
    """

    path: str
    score: float
    picture: str


def accused_reals(table: pd.DataFrame, threshold: float) -> list[Mistake]:
    """Real images at or above the threshold, the highest scores first."""
    wrong = table[(table["label"] == 0) & (table["score"] >= threshold)]
    return _pictured(wrong.sort_values("score", ascending=False, kind="stable"))


def missed_fakes(table: pd.DataFrame, threshold: float) -> list[Mistake]:
    """Fake images below the threshold, the lowest scores first."""
    wrong = table[(table["label"] == 1) & (table["score"] < threshold)]
    return _pictured(wrong.sort_values("score", kind="stable"))


def thumbnail(path: str) -> str:
    """A small JPEG of an image file as a data URI; empty where it cannot be read."""
    try:
        picture = Image.fromarray(read_image(path))
    except (UnusableImage, OSError):
        return ""
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _pictured(rows: pd.DataFrame) -> list[Mistake]:
    worst = rows.head(PER_CLASS)
    return [
        Mistake(str(path), float(score), thumbnail(str(path)))
        for path, score in zip(worst["path"], worst["score"], strict=True)
    ]
