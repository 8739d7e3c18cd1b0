"""A detector as one LiteRT file, for phones and for the light predictor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dfd_tf.bundle import Detector
from dfd_tf.errors import UserError
from dfd_tf.export.metadata import add_metadata, operations

QUANTISATIONS = ("none", "float16", "dynamic", "int8")


class UnsupportedOperation(UserError):
    """A detector holds an operation that LiteRT has not."""


def convert(
    detector: Detector,
    quantize: str = "none",
    squares: NDArray[np.uint8] | None = None,
    *,
    only_dense: bool = False,
) -> bytes:
    """Convert a detector to a LiteRT file.

    Its signature `serving_default` takes `pixels`, float32 of shape (1, size, size, 3) in
    [0, 255], under every quantisation, and returns `logit` and `score`, (1, 1) each.

    Args:
        detector: with a Keras model in float32.
        quantize: "none"; "float16": weights in half precision; "dynamic": weights as int8;
            "int8": weights and activations as int8.
        squares: for "int8", real inputs that set the activations' ranges, (n, size, size, 3).
        only_dense: for "int8", keep everything but the dense layers in float32. Traces are small
            differences of nearly equal numbers, which eight bits may not hold.

    Returns:
        The file's content, with the detector's description inside.

    Raises:
        UnsupportedOperation: an operation is no builtin of LiteRT; the message names it and where
            it stands.
        UserError: "int8" without squares.
    """
    module = tf.Module()
    module.weights_ = [variable.value for variable in detector.model.variables]
    function = _as_function(detector).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    _configure(converter, quantize, squares)
    try:
        content = _quantize_dense(converter) if only_dense else converter.convert()
    except Exception as error:  # the converter's own class is not public
        raise _explained(error, function.graph) from None
    return add_metadata(content, detector.info, quantize)


def _as_function(detector: Detector) -> Any:
    model, size = detector.model, detector.preprocessing.size
    calibration = detector.calibration

    @tf.function(
        input_signature=[tf.TensorSpec([1, size, size, 3], tf.float32, name="pixels")],
        autograph=False,
    )
    def from_pixels(pixels: Any) -> dict[str, Any]:
        logit = model(pixels, training=False)
        return {"logit": logit, "score": tf.sigmoid(calibration.log_odds(logit, tf.math))}

    return from_pixels


def _configure(converter: Any, quantize: str, squares: NDArray[np.uint8] | None) -> None:
    builtins = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantize == "int8":
        if squares is None or not len(squares):
            raise UserError("int8 needs real training images to set its ranges by: give --data.")
        converter.representative_dataset = lambda: _one_by_one(squares)
        # What has no int8 version stays in float32.
        builtins = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, *builtins]
    converter.target_spec.supported_ops = builtins


def _quantize_dense(converter: Any) -> bytes:
    """What `tf.lite.experimental.QuantizationDebugger` does, without its two interpreters."""
    from tensorflow.lite.python.convert import mlir_quantize

    converter._experimental_calibrate_only = True
    measured = converter.convert()
    others = operations(measured) - {"FULLY_CONNECTED"}
    return bytes(mlir_quantize(measured, denylisted_ops=sorted(others)))


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
