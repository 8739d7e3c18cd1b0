"""The most confident mistakes, with a small picture of each: what a metric cannot show."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dfd_tf.data.images.decode import read_image
from dfd_tf.evaluation.beside import MapOf
from dfd_tf.reporting.thumbnails import picture_uri, thumbnail

PER_CLASS = 8


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


def _pictured(rows: pd.DataFrame, map_of: MapOf | None) -> list[Mistake]:
    worst = rows.head(PER_CLASS)
    return [
        _mistake(str(path), float(score), map_of)
        for path, score in zip(worst["path"], worst["score"], strict=True)
    ]


def _mistake(path: str, score: float, map_of: MapOf | None) -> Mistake:
    picture = thumbnail(path)
    mapped = picture_uri(map_of(read_image(path), score)) if map_of and picture else ""
    return Mistake(path, score, picture, mapped)
