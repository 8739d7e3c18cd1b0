"""Presets of KerasHub: a backbone's structure, its normalisation, its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dfd_tf.errors import UserError

TRUNK = "trunk"
_INSTALL = (
    "the model keras_hub needs KerasHub. That asks for a second TensorFlow, whose files would "
    "overwrite those of tensorflow-cpu, and works without it: "
    'pip install "dfd-tf[hub]" && '
    "pip install --no-deps keras-hub==0.32.0"
)


@dataclass(frozen=True)
class HubPresets:
    """The source of weights that `model.args.preset` names."""

    licence: str = "that of the KerasHub preset, as its page says"

    def of(self, arguments: Mapping[str, Any]) -> HubPreset:
        """The preset that a network's arguments name."""
        return HubPreset(str(arguments["preset"]), int(arguments.get("input_size", 224)))


@dataclass(frozen=True)
class HubPreset:
    """One preset: a name on the hub, or a folder.

    Attributes:
        preset: as `keras_hub.models.Backbone.from_preset` takes it.
        input_size: side of the pictures that its weights are to be for.
    """

    preset: str
    input_size: int
    licence: str = HubPresets.licence

    @property
    def name(self) -> str:
        """What it is called in a bundle."""
        return f"the KerasHub preset {self.preset}"

    def load(self) -> dict[str, list[Any]]:
        """All weights of the backbone, in its order.

        Raises:
            UserError: KerasHub is missing, or has no such backbone for pictures of this size.
        """
        known = self._read(load_weights=False).get_config()
        sized = {"image_shape": (self.input_size, self.input_size, 3)}
        backbone = self._read(**(sized if "image_shape" in known else {}))
        return {TRUNK: backbone.get_weights()}

    def describe(self) -> dict[str, Any]:
        """What the network can be built from without the preset, as plain values for JSON.

        Returns:
            The class of KerasHub as `kind`, its `config`, and `scale` and `offset` of the pixels in
            [0, 255], both None where the preset does not say.

        Raises:
            UserError: see `load`.
        """
        backbone = self._read(load_weights=False)
        plain = keras.saving.serialize_keras_object(backbone)["config"]
        config = {key: value for key, value in plain.items() if key not in ("name", "dtype")}
        return {"kind": type(backbone).__name__, "config": config, **self._normalisation()}

    def _read(self, **options: Any) -> Any:
        try:
            return keras_hub().models.Backbone.from_preset(self.preset, **options)
        except UserError:
            raise
        except Exception as error:  # of the hub, the network or the file system
            raise UserError(
                f"the KerasHub preset {self.preset!r} cannot be used: {_first_line(error)}. "
                "Expected a folder with one, or, where there is a network, a name on the hub."
            ) from None

    def _normalisation(self) -> dict[str, Any]:
        try:
            converter = keras_hub().layers.ImageConverter.from_preset(self.preset)
        except (FileNotFoundError, ValueError):  # it holds a backbone alone
            return {"scale": None, "offset": None}
        return {"scale": _plain(converter.scale), "offset": _plain(converter.offset)}


def keras_hub() -> Any:
    """The package.

    Raises:
        UserError: it is not installed.
    """
    try:
        import keras_hub
    except ModuleNotFoundError as error:
        raise UserError(f"{_INSTALL} ({error})") from None
    return keras_hub


def _plain(values: Any) -> Any:
    """A number or a list of numbers."""
    return [float(value) for value in values] if isinstance(values, list | tuple) else values


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].removesuffix(".")
