"""The weights in an ONNX file whose matrices are stored as eight-bit integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfd_tf.errors import UserError


def read_onnx_file(path: Path) -> dict[str, NDArray[Any]]:
    """Read the named parameters of a network that PyTorch exported and ONNX Runtime quantised.

    Only numbers are taken: no operation of the file is run. Quantisation has taken the names of the
    matrices away; the node that multiplies by one is named after its layer.

    Returns:
        Arrays by PyTorch's names and in its layout, matrices as float32.

    Raises:
        UserError: the package onnx is not installed.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ModuleNotFoundError:
        raise UserError('reading these weights needs onnx: pip install "dfd-tf[clip]".') from None
    graph = onnx.load(path).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {name: array for name, array in arrays.items() if name.endswith(("weight", "bias"))}
    found |= {name: array for name, array in arrays.items() if name.endswith("_embedding")}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            stem = node.input[1].removesuffix("_quantized")
            number, zero, scale = (
                arrays[stem + part] for part in ("_quantized", "_zero_point", "_scale")
            )
            matrix = (number.astype(np.float32) - zero.astype(np.float32)) * scale
            found[f"{_layer(node.name)}.weight"] = matrix.T
    return found


def _layer(node: str) -> str:
    """Name of a layer, "tower.mlp.fc1", of a node, "/tower/mlp/fc1/MatMul_quant"."""
    return node.strip("/").rpartition("/")[0].replace("/", ".")
