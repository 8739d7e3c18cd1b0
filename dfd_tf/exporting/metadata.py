"""What a LiteRT file says about itself, in a FlatBuffer buffer named `dfd_tf.json`.

Any FlatBuffers reader with the TFLite schema finds it; TensorFlow is not needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.exporting.kernels import pack, unpack

NAME = "dfd_tf.json"
INPUTS = {
    "pixels": "pixels: float32 RGB in [0, 255], NHWC, no further normalisation",
    "samples": "samples: float32 mono at 16 kHz in [-1, 1], no further normalisation",
}


def describe(info: DetectorInfo, quantize: str) -> dict[str, Any]:
    """What a user of the file alone needs, and all of detector.json beside it."""
    values = info.to_dict()
    calibration = values["calibration"]
    return {
        "labels": list(info.class_names),
        "input": INPUTS[info.preprocessing.input_name],
        "output": "logit: positive = fake; score: calibrated P(fake) of one view; distances, where "
        "they are measured: from known real and from known fake photos",
        "quantisation": quantize,
        "preprocessing": values["preprocessing"],
        "calibrated": calibration.get("calibrated", True),
        "temperature": calibration["temperature"],
        "calibration_map": calibration.get("map"),
        "thresholds": calibration["thresholds"],
        "licence": {"code": "Apache-2.0", "weights": info.licence},
        "detector": values,
    }


def add_metadata(content: bytes, info: DetectorInfo, quantize: str) -> bytes:
    """A LiteRT file's content with the description inside."""
    model = unpack(content)
    buffer = schema.BufferT()
    buffer.data = list(_described(info, quantize))
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = NAME, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    model.description = f"dfd_tf {info.name}"
    return pack(model)


def metadata_size(info: DetectorInfo, quantize: str) -> int:
    """Bytes that the description takes in a file, rounded up."""
    return len(_described(info, quantize)) + 1000


def _described(info: DetectorInfo, quantize: str) -> bytes:
    return json.dumps(describe(info, quantize), ensure_ascii=False).encode()


def operations(content: bytes) -> set[str]:
    """Names of the operations in a LiteRT file, "CUSTOM" for what is no builtin."""
    names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
    model = schema.Model.GetRootAs(content, 0)
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    # Old files keep small numbers in the deprecated field.
    return {names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())] for code in codes}


def read_metadata(path: str | Path) -> dict[str, Any]:
    """The description inside a LiteRT file.

    Raises:
        KeyError: there is none.
    """
    model = schema.Model.GetRootAs(Path(path).read_bytes(), 0)
    for i in range(model.MetadataLength()):
        entry = model.Metadata(i)
        if entry.Name() == NAME.encode():
            return dict(json.loads(model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()))
    raise KeyError(NAME)
