"""The weights of a LiteRT file: found, and stored in fewer bits.

A weight in float16 or int8 is turned back into float32 by a DEQUANTIZE operation before its layer,
which runtimes do once while loading. Activations stay in float32.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

IDENTIFIER = b"TFL3"
LEVELS = 127
# A float32 scale and an int64 zero point for every channel.
BYTES_PER_CHANNEL = 12
_BUILTIN = schema.BuiltinOperator
# Layers with weights, and the axis of their output channels.
CHANNEL_AXIS = {_BUILTIN.CONV_2D: 0, _BUILTIN.DEPTHWISE_CONV_2D: 3, _BUILTIN.FULLY_CONNECTED: 0}
# Of the DEQUANTIZE operation, the first that takes scales per channel.
_VERSION = 5


class Kernel(NamedTuple):
    """Weights of a layer.

    Attributes:
        operator: index of the layer's operation.
        tensor: index of the weights.
        inputs: index of the activations that they are applied to.
        values: float32; (outputs, height, width, inputs), for a depthwise convolution
            (1, height, width, outputs), for a dense layer (outputs, inputs).
        axis: of the output channels.
    """

    operator: int
    tensor: int
    inputs: int
    values: NDArray[np.float32]
    axis: int

    @property
    def channels(self) -> int:
        """How many outputs there are."""
        return int(self.values.shape[self.axis])


class Stored(NamedTuple):
    """Weights as a file holds them.

    Attributes:
        content: float32, float16 or int8.
        scales: for int8, one a channel, shaped to be multiplied with the content.
    """

    content: NDArray[Any]
    scales: NDArray[np.float32] | None = None

    @property
    def size(self) -> int:
        """Bytes in the file."""
        channels = 0 if self.scales is None else self.scales.size
        return self.content.nbytes + BYTES_PER_CHANNEL * channels

    def values(self) -> NDArray[np.float32]:
        """The weights that the layer sees."""
        floats = self.content.astype(np.float32)
        return floats if self.scales is None else floats * self.scales


def unpack(content: bytes) -> Any:
    """A LiteRT file as an object tree."""
    return schema.ModelT.InitFromPackedBuf(content, 0)


def pack(model: Any) -> bytes:
    """The file of an object tree."""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def find_kernels(model: Any) -> list[Kernel]:
    """Constant float32 weights of convolutions and dense layers, in the order of the graph."""
    graph, found = model.subgraphs[0], []
    for index, operator in enumerate(graph.operators):
        axis = CHANNEL_AXIS.get(builtin(model.operatorCodes[operator.opcodeIndex]))
        if axis is None:
            continue
        tensor = graph.tensors[operator.inputs[1]]
        if tensor.type != schema.TensorType.FLOAT32:
            continue
        data = model.buffers[tensor.buffer].data
        if data is not None and len(data):
            values = np.asarray(data, np.uint8).view(np.float32).reshape(tensor.shape)
            found.append(Kernel(index, operator.inputs[1], operator.inputs[0], values, axis))
    return list({kernel.tensor: kernel for kernel in reversed(found)}.values())[::-1]


def builtin(code: Any) -> int:
    """Number of an operation; old files keep small numbers in the deprecated field."""
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))


def with_values(content: bytes, kernel: Kernel, values: NDArray[np.float32]) -> bytes:
    """A file with other float32 weights in one layer."""
    model = unpack(content)
    buffer = model.buffers[model.subgraphs[0].tensors[kernel.tensor].buffer]
    buffer.data = np.ascontiguousarray(values, np.float32).reshape(-1).view(np.uint8)
    return pack(model)


def store(content: bytes, chosen: Mapping[int, tuple[Kernel, Stored]]) -> bytes:
    """A file with its weights stored otherwise.

    Args:
        content: of a float32 file.
        chosen: by index of the tensor, its kernel and how it is to be stored.
    """
    model = unpack(content)
    graph = model.subgraphs[0]
    code = _dequantize_code(model)
    before: dict[int, Any] = {}
    for kernel, stored in chosen.values():
        if stored.content.dtype != np.float32:
            before[kernel.operator] = _shrink(model, graph, kernel, stored, code)
    graph.operators = [
        operation
        for index, operator in enumerate(graph.operators)
        for operation in ([before[index]] if index in before else []) + [operator]
    ]
    return pack(model)


def _dequantize_code(model: Any) -> int:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = _BUILTIN.DEQUANTIZE
    code.version = _VERSION
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def _shrink(model: Any, graph: Any, kernel: Kernel, stored: Stored, code: int) -> Any:
    """Move the weights into a smaller tensor; return the operation that fills the old one."""
    old, small = graph.tensors[kernel.tensor], schema.TensorT()
    small.name, small.shape, small.buffer = old.name + b";stored", old.shape, old.buffer
    model.buffers[old.buffer].data = stored.content.reshape(-1).view(np.uint8)
    small.type = schema.TensorType.FLOAT16
    if stored.scales is not None:
        small.type = schema.TensorType.INT8
        small.quantization = _quantization(stored.scales.reshape(-1), kernel.axis)
    old.buffer = 0  # by convention the empty one
    graph.tensors.append(small)
    operation = schema.OperatorT()
    operation.opcodeIndex = code
    operation.inputs, operation.outputs = [len(graph.tensors) - 1], [kernel.tensor]
    operation.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
    operation.builtinOptions = schema.DequantizeOptionsT()
    return operation


def _quantization(scales: NDArray[np.float32], axis: int) -> Any:
    parameters = schema.QuantizationParametersT()
    parameters.scale = scales.astype(np.float32)
    parameters.zeroPoint = np.zeros(len(scales), np.int64)
    parameters.quantizedDimension = axis
    return parameters


def weight_types(content: bytes) -> dict[str, int]:
    """How many layers have their weights in which type."""
    model = unpack(content)
    graph, names = model.subgraphs[0], {n: t for t, n in vars(schema.TensorType).items()}
    sources = {op.outputs[0]: op.inputs[0] for op in graph.operators if len(op.inputs) == 1}
    tensors = [
        operator.inputs[1]
        for operator in graph.operators
        if builtin(model.operatorCodes[operator.opcodeIndex]) in CHANNEL_AXIS
    ]
    types = [names[graph.tensors[sources.get(t, t)].type].lower() for t in tensors]
    return dict(Counter(types))
