"""The weights in an ONNX file, also where its matrices are stored as eight-bit integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_onnx_file(path: Path) -> dict[str, NDArray[Any]]:
    """Read the parameters of a network that PyTorch exported and ONNX Runtime perhaps quantised.

    Only numbers are taken: no operation of the file is run. Folding and quantisation take the names
    of matrices away; the node that multiplies by one is named after its layer.

    Returns:
        Arrays by their names in the file; and matrices, as float32, by PyTorch's names and in its
        layout.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    matrices = {
        f"{_layer(node.name)}.weight": matrix.T
        for node in graph.node
        if (matrix := _matrix(node, arrays)) is not None
    }
    return arrays | matrices


def _matrix(node: Any, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32] | None:
    """What a node multiplies by, if that is a parameter."""
    if node.op_type == "MatMul":
        return arrays.get(node.input[1])
    if node.op_type != "MatMulInteger":
        return None
    stem = node.input[1].removesuffix("_quantized")
    parts = ("_quantized", "_zero_point", "_scale")
    number, zero, scale = (arrays[stem + part].astype(np.float32) for part in parts)
    return (number - zero) * scale


def _layer(node: str) -> str:
    """Name of a layer, "tower.mlp.fc1", of a node, "/tower/mlp/fc1/MatMul_quant"."""
    return node.strip("/").rpartition("/")[0].replace("/", ".")
