"""The sections of a configuration, with their defaults and ranges."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from dfd_tf.audio.degradations.randomly import augmenting as augmenting_sound
from dfd_tf.data.batches.degradations.randomly import augmenting
from dfd_tf.records import unknown

Chance = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]
Strategy = Literal["auto", "one_device", "mirrored", "tpu"]
PRETRAINED = "pretrained"  # the value of train.init that is no bundle


class Section(BaseModel):
    """Keys that are all known and do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelConfig(Section):
    """The detector and its building arguments."""

    name: str
    args: dict[str, Any] = {}


class PseudoFakesConfig(Section):
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


class DataConfig(Section):
    """Where the images come from and how they are dealt to the splits."""

    paths: tuple[str, ...] = ()
    # How to read what can be read in several ways, see `data.sets.choices.Choices`.
    layout: str | None = None
    split_from: str | None = None
    group_by: str | None = None
    labels: str | None = None
    valid_from_train: Share = 0.0
    fold: tuple[int, int] | None = None
    # A seeded part of the training images, half of each class.
    train_limit: Annotated[int, Field(gt=0, multiple_of=2)] | None = None
    balance: Literal["none", "class_weight", "class", "source"] = "class"
    fake_share: Annotated[float, Field(gt=0, lt=1)] = (
        0.5  # of an epoch, balanced by class or source
    )
    pseudo_fakes: PseudoFakesConfig = PseudoFakesConfig()
    cache: Literal["none", "memory", "disk"] = "none"


class PreprocessConfig(Section):
    """From an image of any size to the detector's input; stored in the bundle."""

    policy: Literal["crop", "resize"] = "crop"
    views: Literal[1, 5, 9] = 1
    grid: PositiveInt = 1  # policy crop: windows begin at multiples of this; 8 keeps JPEG's blocks


class LayerConfig(BaseModel):
    """A layer of Keras or KerasCV by its name, and beside it the layer's own arguments."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    name: Annotated[str, Field(pattern=r"^(keras|keras_cv)\.layers\.[A-Za-z][A-Za-z0-9]*$")]

    @model_validator(mode="after")
    def _seeded_by_the_run(self) -> Self:
        if "seed" in (self.__pydantic_extra__ or {}):
            raise ValueError("seed is set for every batch from the run's seed; leave it out")
        return self


class AugmentConfig(Section):
    """Chances of each change of a training image, alike for both classes; and the zoom.

    Degradations beside the four named here, and those of sound, stand under their own names, too.
    """

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, Chance] = Field(init=False)

    flip: Chance = 0.5
    zoom: Chance = 0.8  # policy resize: smallest share of the shorter side that a window takes
    # policy crop: smallest share of its own scale at which a face is shown, as far as pictures go
    scale: Annotated[float, Field(gt=0, le=1)] = 1.0
    turn: Chance = 0.0
    resize: Chance = 0.0
    blur: Chance = 0.0
    noise: Chance = 0.0
    jpeg: Chance = 0.0
    layers: tuple[LayerConfig, ...] = ()  # on whole batches, after all of these

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = {*type(self).model_fields, *augmenting(), *augmenting_sound()}
        for name in set(self.__pydantic_extra__) - known:
            raise ValueError(unknown(name, sorted(known), "augment"))
        return self


class TrainConfig(Section):
    """The optimisation."""

    init: str | None = None  # "pretrained", or the bundle or run to take the first weights from
    # Of a bundle's weights, the share in the final ones (Wortsman et al. 2022, arXiv:2109.01903).
    keep_init: Annotated[float, Field(ge=0, lt=1)] = 0.0
    teacher: str | None = None  # the bundle or run whose probabilities are learned beside labels
    teacher_share: Annotated[float, Field(gt=0, le=1)] = 0.7  # of them in a target
    epochs: PositiveInt = 20
    freeze_epochs: NonNegativeInt = 0  # of these, how many the pretrained layers stand still
    # What of them learns afterwards: everything, or their layer normalisations alone.
    tune: Literal["all", "layer_norm"] = "all"
    # Where they never learn: versions of an epoch that are kept; 0: every photo as it is judged,
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

    @model_validator(mode="after")
    def _tuned_from_the_published(self) -> Self:
        if self.tune == "layer_norm" and self.init != PRETRAINED:
            raise ValueError("tune: layer_norm needs init: pretrained; all else stays as published")
        if self.tune == "layer_norm" and self.only_head:
            raise ValueError("tune: layer_norm needs a freeze_epochs smaller than epochs")
        return self

    @property
    def init_bundle(self) -> str | None:
        """The detector whose training is continued, if any."""
        return None if self.init == PRETRAINED else self.init

    @model_validator(mode="after")
    def _has_what_it_keeps(self) -> Self:
        if self.keep_init and not self.init_bundle:
            raise ValueError("keep_init needs init to name a trained detector")
        return self

    @model_validator(mode="after")
    def _whole_networks_are_taught(self) -> Self:
        if self.teacher and self.only_head:
            raise ValueError(
                "teacher needs a freeze_epochs smaller than epochs: heads on features "
                "that never change learn from labels alone"
            )
        return self

    @property
    def only_head(self) -> bool:
        """Whether the pretrained layers never learn."""
        return self.freeze_epochs >= self.epochs

    @property
    def plain_features(self) -> bool:
        """Whether a head learns from photos as they are judged."""
        return self.only_head and not self.feature_passes


class CalibrationConfig(Section):
    """From logits to probabilities and verdicts, learned on validation."""

    map: Literal["auto", "temperature", "beta", "isotonic"] = "auto"
    # Of the verdicts given, on validation, and of any source's fakes; the rest is inconclusive.
    max_error: Share = 0.1


class DeviceConfig(Section):
    """Where and how precisely to compute."""

    precision: Precision = "auto"
    strategy: Strategy = "auto"


class OneClassConfig(Section):
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
