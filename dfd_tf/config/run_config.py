"""A whole configuration: read from YAML and the command line, changed, written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self, get_args

import yaml
from pydantic import Field, ValidationError, model_validator
from pydantic_core import to_json

from dfd_tf.config import strict_yaml
from dfd_tf.config.sections import (
    AugmentConfig,
    CalibrationConfig,
    DataConfig,
    DeviceConfig,
    ModelConfig,
    OneClassConfig,
    PreprocessConfig,
    Section,
    TrainConfig,
)
from dfd_tf.errors import UserError
from dfd_tf.validation import explain


class RunConfig(Section):
    """Everything needed to repeat a run."""

    model: ModelConfig
    data: DataConfig = DataConfig()
    preprocess: PreprocessConfig = PreprocessConfig()
    augment: AugmentConfig = AugmentConfig()
    train: TrainConfig = TrainConfig()
    one_class: OneClassConfig | None = None
    calibration: CalibrationConfig = CalibrationConfig()
    device: DeviceConfig = DeviceConfig()
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0  # what NumPy's generators take

    @model_validator(mode="after")
    def _classes_are_taught(self) -> Self:
        if self.train.teacher and self.one_class:
            raise ValueError("train.teacher is for detectors of two classes; leave out one of both")
        return self

    def to_yaml(self) -> str:
        """Every key with its value, as YAML."""
        return strict_yaml.dump(self.model_dump(mode="json"))

    def replace(self, changes: Mapping[str, Any]) -> RunConfig:
        """The configuration with some values changed, checked like one that is read.

        Args:
            changes: by dotted key, such as `{"train.epochs": 2, "model.args.cbam": True}`; a value
                may be a whole section.

        Raises:
            UserError: an unknown key (the nearest is suggested), or a value of the wrong kind.
        """
        settings = self.model_dump(mode="json")
        for key, value in changes.items():
            _put(settings, key, value)
        return parse_config(settings)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read a YAML file and apply `a.b=value` overrides.

    Raises:
        UserError: no such file, no valid YAML (see `strict_yaml`), an unknown key (the nearest is
            suggested), or a value of the wrong kind.
    """
    settings = _read_yaml(Path(path))
    for override in overrides:
        _override(settings, override)
    return parse_config(settings, origin=str(path))


def parse_config(settings: Mapping[str, Any], origin: str = "configuration") -> RunConfig:
    """Check settings against the known keys.

    Raises:
        UserError: see `load_config`.
    """
    # As JSON, so that a list is taken for a tuple and yet no text for a number.
    text = to_json(settings, fallback=repr)
    try:
        return RunConfig.model_validate_json(text, strict=True)
    except ValidationError as error:
        problems = "\n".join(f"  {problem}" for problem in explain(error, _keys))
        raise UserError(f"{origin} cannot be used:\n{problems}") from None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        settings = strict_yaml.load(path.read_text(encoding="utf-8"), path.name)
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


def _override(settings: dict[str, Any], override: str) -> None:
    """Apply `a.b=value`."""
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise UserError(f"--set takes section.key=value, got {override!r}.")
    try:
        _put(settings, key, strict_yaml.load(value))
    except yaml.YAMLError as error:
        raise UserError(f"--set {override}: {value!r} is not a YAML value: {error}") from None
    except UserError as error:
        raise UserError(f"--set {override}: {error}") from None


def _put(settings: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; sections on the way are made if absent."""
    *sections, last = key.split(".")
    for section in sections:
        if settings.get(section) is None:
            settings[section] = {}
        settings = settings[section]
        if not isinstance(settings, dict):
            raise UserError(f"{key!r} cannot be set: {section!r} is a value, not a section.")
    settings[last] = value


def _keys(location: Sequence[str]) -> list[str]:
    """Keys of the section at a place."""
    section: Any = RunConfig
    for name in location:
        field = getattr(section, "model_fields", {}).get(name)
        if field is None:
            return []
        kinds = (field.annotation, *get_args(field.annotation))
        section = next((kind for kind in kinds if isinstance(kind, type)), None)
    return list(getattr(section, "model_fields", {}))
