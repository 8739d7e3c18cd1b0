"""The published weights of AASIST-L, in a file that PyTorch wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.errors import UserError
from dfd_tf.pretrained.torch_file import read_torch_file

Tensors = Mapping[str, NDArray[Any]]

_HEAD = ("features_norm", "logit")
_GRAPH = {"pairs": "att_proj", "mixed": "proj_with_att", "own": "proj_without_att"}
_MIXED = {
    **_GRAPH,
    "first": "proj_type1",
    "second": "proj_type2",
    "listen": "att_projM",
    "heard": "proj_with_attM",
    "kept": "proj_without_attM",
}
_POOLS = {
    "spectral_pool": "pool_S",
    "temporal_pool": "pool_T",
    **{
        f"way{n}_{kind}_pool": f"pool_h{kind[0].upper()}{n}"
        for n in (1, 2)
        for kind in ("spectral", "temporal")
    },
}


def filled_layers(model: keras.Model) -> dict[str, str]:
    """Names of the layers that `fill_aasist` fills, each with itself.

    Those behind the features that are new beside the published network, and its logit, are not.
    """
    names = [layer.name for layer in model.layers if layer.weights]
    return {name: name for name in names if name not in _HEAD}


def fill_aasist(model: keras.Model, path: Path) -> None:
    """Give a network `aasist` the published weights.

    Their two logits are for the classes fake and real: the difference is ours, where the logit is
    made of what theirs are.

    Raises:
        UserError: the file is none of PyTorch's, or is of another network.
    """
    tensors = read_torch_file(path)
    try:
        for layer, arrays in _by_layer(model, tensors):
            layer.set_weights(arrays)
    except (KeyError, ValueError) as error:
        raise UserError(f"{path} does not hold the weights of AASIST-L: {error}") from None


def _by_layer(model: keras.Model, tensors: Tensors) -> Iterator[tuple[Any, list[NDArray[Any]]]]:
    yield model.get_layer("bands_norm"), _norm(tensors, "first_bn")
    for number in range(6):
        ours, theirs = f"block{number + 1}", f"encoder.{number}.0"
        for name in ("conv1", "conv2"):
            yield model.get_layer(f"{ours}_{name}"), _conv(tensors, f"{theirs}.{name}")
        yield model.get_layer(f"{ours}_norm"), _norm(tensors, f"{theirs}.bn2")
        if f"{theirs}.conv_downsample.weight" in tensors:
            down = _conv(tensors, f"{theirs}.conv_downsample")
            yield model.get_layer(f"{ours}_shortcut"), down
    yield model.get_layer("spectral_places"), [tensors["pos_S"]]
    for ours, theirs in (("spectral", "GAT_layer_S"), ("temporal", "GAT_layer_T")):
        yield from _graph(model.get_layer(ours), tensors, theirs, _GRAPH)
    for way in (1, 2):
        for step in (1, 2):
            yield from _mixed(model.get_layer(f"way{way}_{step}"), tensors, way, step)
    for ours, theirs in _POOLS.items():
        yield model.get_layer(ours).gate, _dense(tensors, f"{theirs}.proj")
    kernel, bias = _dense(tensors, "out_layer")
    if model.get_layer("logit").kernel.shape[0] == len(kernel):
        yield model.get_layer("logit"), [kernel[:, :1] - kernel[:, 1:], bias[:1] - bias[1:]]


def _graph(
    layer: Any, tensors: Tensors, theirs: str, names: Mapping[str, str]
) -> Iterator[tuple[Any, list[NDArray[Any]]]]:
    for ours, name in names.items():
        yield getattr(layer, ours), _dense(tensors, f"{theirs}.{name}")
    yield layer.norm, _norm(tensors, f"{theirs}.bn")
    if f"{theirs}.att_weight" in tensors:
        yield layer.weigh, [tensors[f"{theirs}.att_weight"]]


def _mixed(
    layer: Any, tensors: Tensors, way: int, step: int
) -> Iterator[tuple[Any, list[NDArray[Any]]]]:
    theirs = f"HtrgGAT_layer_ST{way}{step}"
    yield from _graph(layer, tensors, theirs, _MIXED)
    kinds = [tensors[f"{theirs}.att_weight{kind}"] for kind in ("11", "22", "12")]
    yield layer.weigh, [np.concatenate(kinds, axis=1)]
    yield layer.weigh_heard, [tensors[f"{theirs}.att_weightM"]]
    if step == 1:
        layer.master.assign(tensors[f"master{way}"])


def _dense(tensors: Tensors, name: str) -> list[NDArray[Any]]:
    return [tensors[f"{name}.weight"].T, tensors[f"{name}.bias"]]


def _conv(tensors: Tensors, name: str) -> list[NDArray[Any]]:
    return [tensors[f"{name}.weight"].transpose(2, 3, 1, 0), tensors[f"{name}.bias"]]


def _norm(tensors: Tensors, name: str) -> list[NDArray[Any]]:
    return [tensors[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
