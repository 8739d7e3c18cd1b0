"""detector.json: everything about a detector but its weights."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)

from dfd_tf.audio.hearing import Hearing
from dfd_tf.calibration import Calibration
from dfd_tf.calibration.novelty import Novelty
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.migrations import FORMAT, migrated
from dfd_tf.errors import UserError
from dfd_tf.faces import Framing
from dfd_tf.types import CLASS_NAMES, Takes

FILE = "detector.json"
RuleName = Literal["sum", "noisy-or"]

# Traces of forgery outlast shrinking to half the scale of the training's images, to which such a
# face is enlarged before it is judged: "How large a face must be", docs/evidence.md.
SMALLEST_SCALE = 0.5


def _calibration(value: Any) -> Any:
    return Calibration.from_dict(value) if isinstance(value, dict) else value


CalibrationField = Annotated[
    Calibration,
    BeforeValidator(_calibration),
    PlainSerializer(Calibration.to_dict),
    WithJsonSchema({"type": "object"}),
]


# Only Hearing says what it takes.
Seeing = Annotated[Hearing | Preprocessing, Field(union_mode="left_to_right")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Counts(_Part):
    """Images of a split by class."""

    real: int
    fake: int


class TrainingData(_Part):
    """What a detector was trained on, and how the images were dealt to splits.

    Attributes:
        fingerprint: SHA-256 over the content of all usable files, in hexadecimal.
        seed: of the dealing.
        valid_from_train: see `data.sets.examples.load_examples`.
        fold: (k, K) of a cross-validation.
        dealing: the way, see `data.sets.splits`; 1 where a detector is of before there were two.
        layout: by which the data were read, where the user named one; see `data.sets.choices`.
        split_from: likewise.
        group_by: likewise.
        train_limit: how many training images were used at most.
        takes: of what the examples are; None is "image".
        counts: usable images by source and split.
    """

    fingerprint: str
    seed: int
    valid_from_train: float = 0.0
    fold: tuple[int, int] | None = None
    dealing: int = 1
    layout: str | None = None
    split_from: str | None = None
    group_by: str | None = None
    train_limit: int | None = None
    takes: Takes | None = None
    counts: dict[str, dict[str, Counts]] = {}


class Member(_Part):
    """A detector of an ensemble: its name or folder, the hash of its weights, its weight."""

    detector: str
    weights_sha256: str
    weight: float


class Joint(_Part):
    """How the members' answers become one, see `calibration.rules`.

    Attributes:
        of: what is joined: log-odds as each member's own calibration has them, or raw logits.
        rule: by which they are.
        offset: of the sum.
        levels: of noisy-or, from which each member's doubts are measured.
    """

    of: Literal["logits", "log_odds"] = "log_odds"
    rule: RuleName = "sum"
    offset: float = 0.0
    levels: tuple[float, ...] = ()


class Knowledge(_Part):
    """The file of known photos' features: arguments of `detectors.knowledge.distance_model`."""

    features: int
    rank: int
    reals: int
    fakes: int
    neighbours: int
    sha256: str


class ThresholdAfterJpeg(_Part):
    """What a stored threshold does to recompressed photos; the recall needs fakes."""

    fpr: float
    false_positive_rate: float
    recall: float | None = None


class AfterJpeg(_Part):
    """What the thresholds do to n validation images after one more JPEG compression."""

    quality: int
    n: int
    thresholds: tuple[ThresholdAfterJpeg, ...]


class VideoLimits(_Part):
    """Thresholds for videos, and what they were set on.

    Attributes:
        calibration: thresholds and band for the statistic that decides on a video, see
            `video.deciding`: that of its most suspicious person.
        level: log-odds from which on a frame looks forged, by which the statistic was made.
        rate: frames a second that were looked at.
        counts: judged videos by source.
    """

    calibration: CalibrationField
    level: float
    rate: float
    counts: dict[str, Counts]


class OneClassFacts(BaseModel):
    """How a one-class detector was trained, and where the scores of real photos lie.

    Further keys are those of the section `one_class` of its configuration.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    fake_fraction: float = 0.0
    percentiles_of_real_scores: dict[str, float] = {}


class DetectorInfo(_Part):
    """The content of detector.json.

    Attributes:
        format: of the file; what an older version of the package would read wrongly raises it.
        name: of the detector.
        architecture: in the registry; "ensemble" where there are members.
        arguments: of its builder.
        preprocessing: how images, or sound, become inputs.
        calibration: from logits to scores and verdicts.
        data: what it was trained on.
        calibration_losses: cross-validated log loss of each map that was considered.
        calibrated_on: validation images by source, where these are not of the training's data.
        after_jpeg: what the thresholds do to recompressed photos.
        novelty: how far a photo may be from what was learned; None where that is not measured.
        knowledge: of knowledge.keras, from which it is measured; an ensemble asks its members.
        framing: how the training images showed faces; None where that is not known.
        licence: terms of the data and of pretrained weights.
        backbone: package of the frozen layers, whose weights are not in the bundle.
        tuned: which of their weights learned all the same, and are.
        members: of an ensemble.
        joint: of an ensemble; None in those of before format 4, whose offset is in model.keras.
        video: thresholds for videos; None where they were never set.
        one_class: of a one-class detector.
        metrics: content of metrics.json by split.
        weights_sha256: of model.keras.
        tflite_sha256: of model.tflite, where there is one.
    """

    format: Literal[5] = FORMAT
    class_names: tuple[str, str] = CLASS_NAMES
    name: str
    architecture: str
    arguments: dict[str, Any] = {}
    preprocessing: Seeing
    calibration: CalibrationField
    data: TrainingData
    calibration_losses: dict[str, float] = {}
    calibrated_on: dict[str, int] | None = None
    after_jpeg: AfterJpeg | None = None
    novelty: Novelty | None = None
    knowledge: Knowledge | None = None
    framing: Framing | None = None
    licence: dict[str, str] = {}
    backbone: str | None = None
    tuned: Literal["layer_norm"] | None = None
    members: tuple[Member, ...] = ()
    joint: Joint | None = None
    video: VideoLimits | None = None
    one_class: OneClassFacts | None = None
    metrics: dict[str, dict[str, Any]] = {}
    weights_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    tflite_sha256: str | None = None

    @property
    def smallest_face(self) -> float:
        """Side in pixels of the smallest face in a photo that gets a verdict."""
        if isinstance(self.preprocessing, Hearing):
            return 0.0
        side = self.framing.side if self.framing else 1.0
        return SMALLEST_SCALE * self.preprocessing.native_side / side

    @property
    def shown_fakes(self) -> bool:
        """Whether it has learned from fakes, too."""
        return self.one_class is None or self.one_class.fake_fraction > 0

    @property
    def real_means(self) -> str:
        """What the verdict "real" says, and what it leaves open, by the sources of the training."""
        trained = ((source, splits.get("train")) for source, splits in self.data.counts.items())
        shown = [(source, n) for source, n in trained if n]
        if not self.shown_fakes:
            reals = _listed(source for source, _ in shown)
            return f"nothing unlike the real photos that it knows ({reals})"
        fakes = _listed(source for source, n in shown if n.fake)
        return f"no trace of the forgeries that it knows ({fakes})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is None or empty is left out."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {name: value for name, value in values.items() if value not in ({}, [], "")}

    def replace(self, **changes: Any) -> DetectorInfo:
        """The same with some fields changed, and checked again."""
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return DetectorInfo.model_validate(kept | changes)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "not on record"


def read_info(folder: Path) -> DetectorInfo:
    """Read the detector.json of a bundle, of this or an earlier format.

    Raises:
        UserError: it is missing or damaged, or was written by a newer version.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return DetectorInfo.model_validate(migrated(values, folder))
    except UserError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UserError(f"{path} is damaged: {where}: {first['msg']}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged: {error!r}") from None


def write_info(folder: Path, info: DetectorInfo) -> None:
    """Write detector.json."""
    text = json.dumps(info.to_dict(), indent=2, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
