"""Shapes of the answers, for OpenAPI and for those who read them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from dfd_tf.detectors.detector import Judgement

Verdict = Literal["real", "fake", "inconclusive", "no face", "error"]


class Face(BaseModel):
    """Where a face is in its photo, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Row(BaseModel):
    """What is said of one face, or of a photo in which there is none to judge: as `dfd predict`."""

    path: str = Field(description="the file's name as it was sent")
    score: float | None = Field(description="calibrated P(fake), 6 decimals", ge=0, le=1)
    verdict: Verdict
    reason: str = Field(description="why there is no verdict; else empty")
    face: Face | None = Field(description="null where the photo was judged as it is")


def rows_of(judgements: list[Judgement]) -> list[Row]:
    """The rows of one photo."""
    return [Row.model_validate(judgement.as_row()) for judgement in judgements]
