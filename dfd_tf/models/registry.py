"""The detectors by name, each with what its user must know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dfd_tf.errors import UserError
from dfd_tf.models.arguments import checked
from dfd_tf.validation import nearest

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """One detector of the registry.

    Attributes:
        name: what a configuration calls it.
        build: function of keyword arguments that returns a Keras model from RGB pixels in
            [0, 255], shape (batch, input_size, input_size, 3), to one logit, positive = fake.
        paper: where it was published.
        input_size: default side in pixels.
        cam_layer: name of the layer whose maps Grad-CAM weighs.
        parameters: trainable parameters at the defaults, as published or computed from the
            published graph.
        depthwise: made of depthwise convolutions, which CPUs compute faster in float32.
    """

    name: str
    build: Callable[..., keras.Model]
    paper: str
    input_size: int
    cam_layer: str
    parameters: int
    depthwise: bool = False

    def complete(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments of `build`: those given, checked, and the defaults.

        Raises:
            UserError: see `arguments.checked`.
        """
        return checked(self.build, arguments)


_ARCHITECTURES: dict[str, Architecture] = {}


def register(
    name: str,
    *,
    paper: str,
    input_size: int,
    cam_layer: str,
    parameters: int,
    depthwise: bool = False,
) -> Callable[[Callable[..., keras.Model]], Callable[..., keras.Model]]:
    """Enter the decorated building function into the registry.

    Raises:
        ValueError: the name is taken.
    """

    def enter(build: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
        if name in _ARCHITECTURES:
            raise ValueError(f"A detector named {name!r} is registered already.")
        _ARCHITECTURES[name] = Architecture(
            name, build, paper, input_size, cam_layer, parameters, depthwise
        )
        return build

    return enter


def list_detectors() -> list[str]:
    """Names of all detectors, sorted."""
    return sorted(_ARCHITECTURES)


def architecture(name: str) -> Architecture:
    """Look a detector up.

    Raises:
        UserError: no detector has this name; the message suggests the nearest.
    """
    if name not in _ARCHITECTURES:
        near = nearest(name, list_detectors())
        hint = f" Did you mean {near!r}?" if near else ""
        raise UserError(f"No detector is called {name!r}.{hint} There are: {list_detectors()}.")
    return _ARCHITECTURES[name]


def build_model(name: str, **arguments: Any) -> keras.Model:
    """Build a detector from its name and keyword arguments.

    Raises:
        UserError: unknown name, arguments that this detector does not take (see
            `arguments.checked`), or of which no network can be made.
    """
    found = architecture(name)
    complete = found.complete(arguments)
    try:
        return found.build(**complete)
    except UserError:
        raise
    # Keras' word for a graph that cannot be: maps shrunk to nothing, an activation it lacks.
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"The detector {name!r} cannot be built with {arguments}: {reason}"
        ) from error
