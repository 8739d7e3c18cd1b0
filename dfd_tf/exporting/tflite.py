"""A detector as one LiteRT file, for phones and for the light predictor."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.exporting.kernels import Stored, find_kernels, store, unpack
from dfd_tf.exporting.metadata import add_metadata, metadata_size
from dfd_tf.exporting.mixed import quantize_weights

QUANTISATIONS = ("none", "float16", "dynamic", "int8", "mixed")
NEEDS_IMAGES = ("int8", "mixed")
PHONE_BYTES = 4_000_000
NOT_DENSE = sorted(
    name for name in vars(schema.BuiltinOperator) if name.isupper() and name != "FULLY_CONNECTED"
)


class UnsupportedOperation(UserError):
    """A detector holds an operation that LiteRT has not."""


def convert(
    detector: Detector,
    quantize: str = "none",
    squares: NDArray[np.uint8] | None = None,
    *,
    only_dense: bool = False,
    max_bytes: int = PHONE_BYTES,
    progress: bool = False,
) -> bytes:
    """Convert a detector to a LiteRT file.

    Its signature `serving_default` takes `pixels`, float32 of shape (1, size, size, 3) in
    [0, 255], or `samples`, (1, size) in [-1, 1], under every quantisation, and returns `logit` and
    `score`, (1, 1) each, and where the detector measures them `distances`, (1, 2), from known real
    and from known fake photos.

    Args:
        detector: with a Keras model in float32.
        quantize: "none"; "float16": weights in half precision; "dynamic": weights as int8;
            "int8": weights and activations as int8; "mixed": weights as int8, float16 or float32,
            whichever keeps the scores best within `max_bytes` (see `dfd_tf.exporting.mixed`).
        squares: for "int8", real inputs that set the activations' ranges, for "mixed", those that
            the scores are kept on, (n, size, size, 3).
        only_dense: for "int8", keep everything but the dense layers in float32. Traces are small
            differences of nearly equal numbers, which eight bits may not hold.
        max_bytes: for "mixed", the largest file allowed.
        progress: for "mixed", show a progress bar.

    Returns:
        The file's content, with the detector's description inside.

    Raises:
        UnsupportedOperation: an operation is no builtin of LiteRT; the message names it and where
            it stands.
        UserError: "int8" or "mixed" without squares, or `max_bytes` too few.
    """
    if quantize in NEEDS_IMAGES and (squares is None or not len(squares)):
        raise UserError(f"{quantize} needs real training images: give --data.")
    if quantize == "int8" and squares is not None:
        content = in_int8(detector, squares, only_dense=only_dense)
    else:
        content = to_float32(detector, weights_in_int8=quantize == "dynamic")
    if quantize == "float16":
        content = in_float16(content)
    elif quantize == "mixed" and squares is not None:
        allowed = max_bytes - metadata_size(detector.info, quantize)
        content = quantize_weights(content, squares, allowed, progress=progress)
    return add_metadata(content, detector.info, quantize)


def to_float32(detector: Detector, *, weights_in_int8: bool = False) -> bytes:
    """Convert a detector, without its description.

    Args:
        detector: with a Keras model in float32.
        weights_in_int8: quantise dynamically: weights are int8, and activations for the moment
            that a layer needs them.

    Raises:
        UnsupportedOperation: see `convert`.
    """
    with _converter(detector) as converter:
        if weights_in_int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return bytes(converter.convert())


def in_float16(content: bytes) -> bytes:
    """A float32 file with its weights in half precision."""
    kernels = find_kernels(unpack(content))
    return store(content, {k.tensor: (k, Stored(k.values.astype(np.float16))) for k in kernels})


def in_int8(detector: Detector, squares: NDArray[np.uint8], *, only_dense: bool = False) -> bytes:
    """Convert a detector with weights and activations as int8 where there are such operations.

    Args:
        detector: with a Keras model in float32.
        squares: real inputs that set the activations' ranges, (n, size, size, 3).
        only_dense: keep everything but the dense layers in float32.

    Raises:
        UnsupportedOperation: see `convert`.
    """
    with _converter(detector) as converter:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = partial(_one_by_one, squares)
        return _with_dense_in_int8(converter) if only_dense else bytes(converter.convert())


def _with_dense_in_int8(converter: Any) -> bytes:
    """Convert with all other operations named as those to keep.

    The debugger is the one documented door to a choice of operations.
    """
    debugger = tf.lite.experimental
    options = debugger.QuantizationDebugOptions(denylisted_ops=NOT_DENSE)
    with warnings.catch_warnings():  # it opens TensorFlow's own, deprecated interpreter
        warnings.simplefilter("ignore", UserWarning)
        tool = debugger.QuantizationDebugger(
            converter=converter,
            debug_dataset=converter.representative_dataset,
            debug_options=options,
        )
    return bytes(tool.get_nondebug_quantized_model())


@contextmanager
def _converter(detector: Detector) -> Iterator[Any]:
    """A converter of the detector to builtin operations; what it lacks is said in words."""
    module = tf.Module()
    module.weights_ = [variable.value for variable in detector.answering.variables]
    function = _as_function(detector).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    try:
        yield converter
    except Exception as error:  # the converter's own class is not public
        raise _explained(error, function.graph) from None


def _as_function(detector: Detector) -> Any:
    model, calibration, seen = detector.answering, detector.calibration, detector.info.preprocessing
    given = tf.TensorSpec([1, *seen.input_shape], tf.float32, name=seen.input_name)

    @tf.function(input_signature=[given], autograph=False)
    def from_input(given: Any) -> dict[str, Any]:
        answers = model(given, training=False)
        logit, distances = answers[:, :1], answers[:, 1:]
        said = {"logit": logit, "score": tf.sigmoid(calibration.log_odds(logit, tf.math))}
        return {**said, "distances": distances} if distances.shape[1] else said

    return from_input


def _one_by_one(squares: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    for square in squares:
        yield [square[None].astype(np.float32)]


def _explained(error: Exception, graph: Any) -> Exception:
    """The converter's pages of output as one sentence, or the error itself if it is another."""
    found = re.findall(r"'tf\.(\w+)' op is neither a custom op nor a flex op", str(error))
    if not found:
        return error
    names = sorted(set(found))
    # "functional/spectrum/FFT2D": the layer's name stands before the operation's.
    layers = {op.name.rpartition("/")[0] for op in graph.get_operations() if op.type in names}
    where = f" (in {', '.join(sorted(layers))})" if layers else ""
    return UnsupportedOperation(
        f"LiteRT has no {', '.join(names)}{where}: this detector cannot be a LiteRT file of "
        "builtin operations. Replace the layer, or export it as saved_model."
    )
