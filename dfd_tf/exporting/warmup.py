"""Requests that TF Serving sends to itself before it takes any from others.

The file is a TFRecord of `tensorflow.serving.PredictionLog` messages. Their stubs come in a package
that requires the full `tensorflow` beside which `tensorflow-cpu` breaks, so the four nested
messages are written here, field by field; only the tensors inside are TensorFlow's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

from dfd_tf.data.preprocess import Preprocessing

FILE = Path("assets.extra") / "tf_serving_warmup_requests"
BATCHES = (1, 8)

# Field numbers, tensorflow_serving/apis/{prediction_log,predict,model}.proto
_LOG_PREDICT, _PREDICT_REQUEST = 6, 1
_REQUEST_MODEL, _REQUEST_INPUTS = 1, 2
_MODEL_NAME, _MODEL_SIGNATURE = 1, 3
_KEY, _VALUE = 1, 2


def write_warmup(folder: Path, name: str, preprocessing: Preprocessing) -> None:
    """Write warm-up requests for both signatures into a SavedModel's folder.

    Args:
        folder: of the SavedModel.
        name: of the model, as the server will call it.
        preprocessing: of the detector.
    """
    rng = np.random.default_rng(0)
    side, size = preprocessing.native_side, preprocessing.size
    coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    jpeg = cv2.imencode(".jpg", cv2.resize(coarse, (side, side)))[1].tobytes()
    squares = rng.uniform(0, 255, (1, size, size, 3)).astype(np.float32)
    (folder / FILE).parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / FILE)) as file:
        for n in BATCHES:
            file.write(prediction_log(name, "serving_default", image_bytes=[jpeg] * n))
        file.write(prediction_log(name, "pixels", pixels=squares))


def prediction_log(model: str, signature: str, **inputs: Any) -> bytes:
    """A PredictionLog of one request, serialised."""
    spec = _field(_MODEL_NAME, model.encode()) + _field(_MODEL_SIGNATURE, signature.encode())
    request = _field(_REQUEST_MODEL, spec)
    for name, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(_REQUEST_INPUTS, _field(_KEY, name.encode()) + _field(_VALUE, tensor))
    return _field(_LOG_PREDICT, _field(_PREDICT_REQUEST, request))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of the protocol buffers wire format."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = []
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])
