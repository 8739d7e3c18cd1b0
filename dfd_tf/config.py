"""What a training run is: read from YAML and the command line, written back whole."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from dfd_tf.data.batches.degradations.randomly import augmenting
from dfd_tf.errors import UserError
from dfd_tf.records import unknown

Chance = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]
Strategy = Literal["auto", "one_device", "mirrored", "tpu"]
PRETRAINED = "pretrained"  # the value of train.init that is no bundle


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelConfig(_Section):
    """The detector and its building arguments."""

    name: str
    args: dict[str, Any] = {}


class PseudoFakesConfig(_Section):
    """Shares of an epoch's fakes that are made of real training photos; see `data.pseudo_fakes`.

    The rest are true fakes of the data; where the shares sum to 1, none is shown.
    """

    self_blended: Chance = 0.0  # a region of the face pasted onto itself, changed
    resampled: Chance = 0.0  # the lattice of a generator's up-sampling over the whole image

    @model_validator(mode="after")
    def _sum_to_one_at_most(self) -> Self:
        total = self.self_blended + self.resampled
        if total > 1:
            raise ValueError(f"the shares of pseudo-fakes sum to {total:g}, at most 1 is possible")
        return self


class DataConfig(_Section):
    """Where the images come from and how they are dealt to the splits."""

    paths: tuple[str, ...] = ()
    valid_from_train: Share = 0.0
    fold: tuple[int, int] | None = None
    train_limit: PositiveInt | None = (
        None  # a seeded part of the training images, half of each class
    )
    balance: Literal["none", "class_weight", "class", "source"] = "class"
    fake_share: Annotated[float, Field(gt=0, lt=1)] = (
        0.5  # of an epoch, balanced by class or source
    )
    pseudo_fakes: PseudoFakesConfig = PseudoFakesConfig()
    cache: Literal["none", "memory", "disk"] = "none"


class PreprocessConfig(_Section):
    """From an image of any size to the detector's input; stored in the bundle."""

    policy: Literal["crop", "resize"] = "crop"
    views: Literal[1, 5, 9] = 1
    grid: PositiveInt = 1  # policy crop: windows begin at multiples of this; 8 keeps JPEG's blocks


class AugmentConfig(_Section):
    """Chances of each change of a training image, alike for both classes; and the zoom.

    Degradations beside the four named here stand under their own names, too.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Chance] = Field(init=False)

    flip: Chance = 0.5
    zoom: Chance = 0.8  # policy resize: smallest share of the shorter side that a window takes
    turn: Chance = 0.0
    resize: Chance = 0.0
    blur: Chance = 0.0
    noise: Chance = 0.0
    jpeg: Chance = 0.0

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = {*type(self).model_fields, *augmenting()}
        for name in set(self.__pydantic_extra__) - known:
            raise ValueError(unknown(name, sorted(known), "augment"))
        return self


class TrainConfig(_Section):
    """The optimisation."""

    init: str | None = None  # "pretrained", or the bundle or run to take the first weights from
    epochs: PositiveInt = 20
    freeze_epochs: NonNegativeInt = 0  # of these, how many the pretrained layers stand still
    # Where they always do: versions of an epoch that are kept; 0: every photo as it is judged,
    # without crops or changes by chance, so that runs can share its features.
    feature_passes: NonNegativeInt = 3
    backbone_rate: Annotated[float, Field(gt=0, le=1)] = 1.0  # their share of the learning rate
    batch_size: PositiveInt = 64
    learning_rate: PositiveFloat = 1e-3
    warmup_epochs: NonNegativeFloat = 1.0
    weight_decay: NonNegativeFloat = 1e-4
    clip_norm: PositiveFloat | None = 1.0
    label_smoothing: Share = 0.0
    ema: Share = 0.99  # 0 switches the average of weights off
    patience: PositiveInt = 8
    images_per_epoch: PositiveInt | None = None

    @property
    def only_head(self) -> bool:
        """Whether the pretrained layers never learn."""
        return self.freeze_epochs >= self.epochs

    @property
    def plain_features(self) -> bool:
        """Whether a head learns from photos as they are judged."""
        return self.only_head and not self.feature_passes


class CalibrationConfig(_Section):
    """From logits to probabilities and verdicts, learned on validation."""

    map: Literal["auto", "temperature", "beta", "isotonic"] = "auto"
    max_error: Share = 0.1  # of the verdicts given, on validation; the rest is inconclusive


class DeviceConfig(_Section):
    """Where and how precisely to compute."""

    precision: Precision = "auto"
    strategy: Strategy = "auto"


class OneClassConfig(_Section):
    """Training on real photos; fakes come in only as far as asked for here."""

    fake_fraction: Chance = 0.0  # seeded part of the training fakes that is shown (DeepSAD)
    fakes_from: tuple[str, ...] = ()  # sources they are taken from; none named: all
    pretrain_epochs: NonNegativeInt = 0  # as an autoencoder, before the centre is laid
    pretrain_rate: PositiveFloat = 1e-3  # learning rate of these epochs
    soft: bool = False  # boundary of Deep SVDD
    nu: Annotated[float, Field(gt=0, le=1)] = 0.1  # share of photos outside a soft boundary
    eta: PositiveFloat = 1.0  # weight of a labelled fake
    l2: NonNegativeFloat = 1e-6  # of Deep SVDD, a term of its loss
    radius_warmup_epochs: NonNegativeInt = 10  # before a soft boundary has a radius


class RunConfig(_Section):
    """Everything needed to repeat a run."""

    model: ModelConfig
    data: DataConfig = DataConfig()
    preprocess: PreprocessConfig = PreprocessConfig()
    augment: AugmentConfig = AugmentConfig()
    train: TrainConfig = TrainConfig()
    one_class: OneClassConfig | None = None
    calibration: CalibrationConfig = CalibrationConfig()
    device: DeviceConfig = DeviceConfig()
    seed: NonNegativeInt = 0

    def to_yaml(self) -> str:
        """Every key with its value, as YAML."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read a YAML file and apply `a.b=value` overrides.

    Raises:
        UserError: no such file, no valid YAML, an unknown key (the nearest is suggested), or a
            value of the wrong kind.
    """
    settings = _read_yaml(Path(path))
    for override in overrides:
        _set(settings, override)
    return parse_config(settings, origin=str(path))


def parse_config(settings: dict[str, Any], origin: str = "configuration") -> RunConfig:
    """Check settings against the known keys.

    Raises:
        UserError: see `load_config`.
    """
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        problems = "\n".join(f"  {_explain(dict(problem))}" for problem in error.errors())
        raise UserError(f"{origin} cannot be used:\n{problems}") from None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"There is no configuration {path}. Those that ship are in configs/, "
            "for example configs/amtenet.yaml."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"{path} cannot be read as YAML: {error}") from None
    if not isinstance(settings, dict):
        raise UserError(f"{path} must hold keys and values, got {type(settings).__name__}.")
    return settings


def _set(settings: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise UserError(f"--set takes section.key=value, got {override!r}.")
    *sections, last = key.split(".")
    for section in sections:
        settings = settings.setdefault(section, {})
        if not isinstance(settings, dict):
            raise UserError(f"--set {override}: {section!r} is a value, not a section.")
    try:
        settings[last] = yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--set {override}: {value!r} is not a YAML value.") from None


def _explain(problem: dict[str, Any]) -> str:
    location = [str(part) for part in problem["loc"]]
    where = ".".join(location)
    if problem["type"] != "extra_forbidden":
        return f"{where}: {problem['msg']}, got {problem['input']!r}"
    known = _keys(location[:-1])
    near = difflib.get_close_matches(location[-1], known, n=1, cutoff=0.4)
    hint = f"did you mean {'.'.join([*location[:-1], near[0]])!r}?" if near else f"known: {known}"
    return f"{where}: no such key; {hint}"


def _keys(location: Sequence[str]) -> list[str]:
    section: Any = RunConfig
    for name in location:
        annotation = section.model_fields[name].annotation
        section = next(
            (kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)), None
        )
    return list(section.model_fields) if section is not None else []
