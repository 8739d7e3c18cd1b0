"""Any preprocessing layer of Keras or KerasCV as a change of whole training batches.

A layer is made anew for each batch, with a seed of its own: so what a batch shows depends on the
run's seed, the epoch and the batch's number alone, whatever order threads make batches in, and a
resumed training sees what an uninterrupted one would have.
"""

from __future__ import annotations

import importlib
import inspect
import random
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from dfd_tf.errors import UserError
from dfd_tf.types import Image
from dfd_tf.validation import nearest

EXTRAS = {"keras": "cpu", "keras_cv": "keras-cv"}  # where a missing library comes from


class LayerChange:
    """Layers that change the images of a batch, one after the other.

    Args:
        specifications: of each layer its `name`, such as "keras.layers.RandomErasing", and its
            arguments.
        seed: of the run.
        epoch: its number.
    """

    def __init__(
        self, specifications: Sequence[Mapping[str, Any]], seed: int, epoch: int = 0
    ) -> None:
        self.specifications = specifications
        self.seed = seed
        self.epoch = epoch

    def __call__(self, images: Image, batch: int) -> Image:
        """The changed images.

        Args:
            images: RGB, uint8, (batch, size, size, 3).
            batch: its number in the epoch.
        """
        x: Any = images.astype(np.float32)
        for place, specification in enumerate(self.specifications):
            words = [self.seed, self.epoch, int(batch), place, 3]
            seed = int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)
            with _shared_chance(seed):
                x = _layer_of(specification, seed)(x, training=True)
        return np.rint(np.clip(keras.ops.convert_to_numpy(x), 0, 255)).astype(np.uint8)

    def check(self, size: int) -> None:
        """Try the layers on two black images of a side.

        Raises:
            UserError: a layer that there is not or whose library is missing, arguments that it does
                not take, one that learns, or that gives other than images of the same size.
        """
        for specification in self.specifications:
            _check(specification, np.zeros((2, size, size, 3), np.float32))


_LOCK = threading.Lock()


@contextmanager
def _shared_chance(seed: int) -> Iterator[None]:
    """Set the chance that all code shares, from which some layers draw beside their own seed."""
    with _LOCK:
        states = random.getstate(), np.random.get_state()
        keras.utils.set_random_seed(seed)
        if "tensorflow" in sys.modules:  # which KerasCV draws from on any backend
            generators = sys.modules["tensorflow"].random
            generators.set_global_generator(generators.Generator.from_seed(seed))
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


def _check(specification: Mapping[str, Any], images: Any) -> None:
    name = specification["name"]
    kind = _kind_of(name)
    try:
        with _shared_chance(0):
            layer = _layer_of(specification, 0)
            changed = np.shape(keras.ops.convert_to_numpy(layer(images, training=True)))
        learns = bool(layer.trainable_weights)
    # Layers refuse wrong arguments in any way.
    except Exception as error:
        known = [p for p in inspect.signature(kind.__init__).parameters if p != "self"]
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(
            f"augment.layers: {name} cannot change a batch of images with these arguments: "
            f"{reason} It takes {', '.join(known)}."
        ) from error
    if learns or changed != images.shape:
        problem = "has weights to learn" if learns else f"gives {changed} of {images.shape}"
        raise UserError(
            f"augment.layers: {name} {problem}; a layer is expected that changes images and keeps "
            "their size."
        )


def _layer_of(specification: Mapping[str, Any], seed: int) -> Any:
    arguments = dict(specification)
    kind = _kind_of(arguments.pop("name"))
    if "seed" in inspect.signature(kind.__init__).parameters:
        arguments["seed"] = seed
    return kind(**arguments)


def _kind_of(name: str) -> Any:
    """The class of a layer, from the two libraries alone."""
    module, _, kind = name.rpartition(".")
    library = module.partition(".")[0]
    try:
        layers = importlib.import_module(module)
    except ModuleNotFoundError:
        raise UserError(
            f"augment.layers: {name} needs {library}, which is not installed: pip install "
            f'"dfd-tf[{EXTRAS[library]}]".'
        ) from None
    found = getattr(layers, kind, None)
    if not (isinstance(found, type) and issubclass(found, keras.layers.Layer)):
        near = nearest(kind, [known for known in dir(layers) if known[0].isupper()])
        hint = f" Did you mean {module}.{near}?" if near else ""
        raise UserError(f"augment.layers: there is no layer {name}.{hint}")
    return found
