"""The detectors by name, each with what its user must know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Literal

from dfd_tf.backend import own_settings
from dfd_tf.errors import UserError
from dfd_tf.models.arguments import checked
from dfd_tf.types import Takes
from dfd_tf.validation import nearest

if TYPE_CHECKING:
    import keras

    from dfd_tf.pretrained import Pretrained

GROUP = "dfd_tf.detectors"
Kind = Literal["supervised", "one-class"]


@dataclass(frozen=True)
class Architecture:
    """One detector of the registry.

    Attributes:
        name: what a configuration calls it.
        build: function of keyword arguments that returns a Keras model from RGB pixels in
            [0, 255], shape (batch, input_size, input_size, 3), or from samples in [-1, 1], shape
            (batch, input_size), to one logit, positive = fake.
        paper: where it was published.
        input_size: default side in pixels; of sound, samples at 16 kHz.
        cam_layer: name of the layer whose maps Grad-CAM weighs.
        parameters: trainable parameters at the defaults, as published or computed from the
            published graph.
        depthwise: made of depthwise convolutions, which CPUs compute faster in float32.
        takes: of what the input is.
        kind: "one-class" learns what is real and not to tell labels apart.
        tiny: arguments with which it has every layer of its kind but few of each, so that tests
            of what it does take seconds.
        weights: those learned elsewhere, if there are any; see `models.backbone`.
        settle: of a network that an argument names, and that has no size of its own: from the
            arguments to those by which a bundle can be built anywhere.
    """

    name: str
    build: Callable[..., keras.Model]
    paper: str
    input_size: int
    cam_layer: str
    parameters: int
    depthwise: bool = False
    takes: Takes = "image"
    kind: Kind = "supervised"
    tiny: Mapping[str, Any] = field(default_factory=dict)
    weights: Pretrained | None = None
    settle: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None

    def settled(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments for a bundle: those given, or what `settle` makes of them."""
        return self.settle(arguments) if self.settle else dict(arguments)

    def complete(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments of `build`: those given, checked, and the defaults.

        Raises:
            UserError: see `arguments.checked`.
        """
        return checked(self.build, arguments)


_ARCHITECTURES: dict[str, Architecture] = {}


def register(name: str, **facts: Any) -> Callable[[Callable[..., keras.Model]], Any]:
    """Enter the decorated building function into the registry.

    A package of its own adds a detector by an entry point of the group "dfd_tf.detectors" that
    leads to the module, or the function, that is decorated so.

    Args:
        name: what a configuration calls it.
        facts: the other attributes of `Architecture`; paper, input_size, cam_layer and parameters
            cannot be left out.

    Raises:
        ValueError: the name is taken.
    """

    def enter(build: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
        if name in _ARCHITECTURES:
            raise ValueError(f"A detector named {name!r} is registered already.")
        _ARCHITECTURES[name] = Architecture(name, build, **facts)
        return build

    return enter


@cache
def _find_others() -> None:
    """Have the detectors of other packages entered, once.

    Raises:
        UserError: one cannot be imported, or takes a name that there is already.
    """
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            point.load()
        except Exception as error:  # another package's code may fail in any way
            raise UserError(
                f"The detector {point.name!r} of another package ({point.value}) cannot be used: "
                f"{error}. Repair or remove that package."
            ) from error


def list_detectors() -> list[str]:
    """Names of all detectors, those of other packages included, sorted."""
    _find_others()
    return sorted(_ARCHITECTURES)


def architecture(name: str) -> Architecture:
    """Look a detector up.

    Raises:
        UserError: no detector has this name; the message suggests the nearest.
    """
    if name not in _ARCHITECTURES:
        names = list_detectors()
        if name not in names:
            near = nearest(name, names)
            hint = f" Did you mean {near!r}?" if near else ""
            raise UserError(f"No detector is called {name!r}.{hint} There are: {names}.")
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
        with own_settings():
            return found.build(**complete)
    except UserError:
        raise
    # Keras' word for a graph that cannot be: maps shrunk to nothing, an activation it lacks.
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"The detector {name!r} cannot be built with {arguments}: {reason}"
        ) from error
