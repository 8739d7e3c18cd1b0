"""What a served detector has learned, what its thresholds promise, what its words mean."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from dfd_tf.calibration import UNCALIBRATED
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.detectors.locate import find_bundle

CARD = "MODEL_CARD.md"


class Limit(BaseModel):
    """A threshold and what it cost when it was set."""

    false_positive_rate: float = Field(description="share of real photos called fake from here on")
    threshold: float
    real_photos: int = Field(description="on how many it was set")


class Learned(BaseModel):
    """Training images of one source."""

    source: str
    real: int
    fake: int


class Model(BaseModel):
    """What to know before believing a detector."""

    name: str
    engine: Literal["lite", "keras"]
    weights_sha256: str
    inconclusive_from: float
    fake_from: float
    thresholds: list[Limit]
    calibrated: bool
    maps: bool = Field(description="whether ?explain=1 is answered here")
    learned: list[Learned]
    meaning: dict[str, str] = Field(description="verdict: what it says, for people")
    card: str = Field(description="MODEL_CARD.md")


def describe(
    where: str, info: DetectorInfo, engine: Literal["lite", "keras"], *, maps: bool
) -> Model:
    """What to know of a bundle that is served.

    Args:
        where: the bundle.
        info: its detector.json.
        engine: on which it is judged.
        maps: whether maps are drawn here.
    """
    low, high = info.calibration.band
    card = find_bundle(where) / CARD
    return Model(
        name=info.name,
        engine=engine,
        weights_sha256=info.weights_sha256,
        inconclusive_from=low,
        fake_from=high,
        thresholds=[
            Limit(false_positive_rate=t.fpr, threshold=t.value, real_photos=t.n_real)
            for t in info.calibration.thresholds
        ],
        calibrated=info.calibration.calibrated,
        maps=maps,
        learned=learned(info),
        meaning=meanings(info),
        card=card.read_text(encoding="utf-8") if card.is_file() else "",
    )


def learned(info: DetectorInfo) -> list[Learned]:
    """Training images by source; a detector that learns from real photos alone saw no fakes."""
    return [
        Learned(
            source=source,
            real=splits["train"].real,
            fake=splits["train"].fake if info.shown_fakes else 0,
        )
        for source, splits in info.data.counts.items()
        if "train" in splits
    ]


def meanings(info: DetectorInfo) -> dict[str, str]:
    """What each verdict says, in plain words."""
    calibration = info.calibration
    known = [t.fpr for t in calibration.thresholds if t.value <= calibration.band[1]]
    wronged = f"at most {min(known) * 100:g}" if known else "some"
    fake = (
        "Traces of a forgery that the detector knows. Of 100 real photos like those on which its "
        f"threshold was set, {wronged} get this verdict; of other photos it may be more."
    )
    return {
        "real": f"It shows {info.real_means}. A forgery of another kind, or one that was strongly "
        "compressed or shrunk, may pass.",
        "fake": fake if calibration.calibrated else f"{fake} The score is {UNCALIBRATED}.",
        "inconclusive": "No verdict, neither that it is real nor that it is fake.",
        "no face": "No face was found, so there is nothing to judge.",
        "error": "The file cannot be judged.",
    }
