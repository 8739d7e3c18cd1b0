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
from dfd_tf.export.metadata import add_metadata, metadata_size, operations
from dfd_tf.export.mixed import quantize_weights

QUANTISATIONS = ("none", "float16", "dynamic", "int8", "mixed")
NEEDS_IMAGES = ("int8", "mixed")
PHONE_BYTES = 4_000_000


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
    [0, 255], under every quantisation, and returns `logit` and `score`, (1, 1) each.

    Args:
        detector: with a Keras model in float32.
        quantize: "none"; "float16": weights in half precision; "dynamic": weights as int8;
            "int8": weights and activations as int8; "mixed": weights as int8, float16 or float32,
            whichever keeps the scores best within `max_bytes` (see `dfd_tf.export.mixed`).
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
    module = tf.Module()
    module.weights_ = [variable.value for variable in detector.model.variables]
    function = _as_function(detector).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    _configure(converter, quantize, squares)
    try:
        content = _quantize_dense(converter) if only_dense else converter.convert()
    except Exception as error:  # the converter's own class is not public
        raise _explained(error, function.graph) from None
    if quantize == "mixed" and squares is not None:
        allowed = max_bytes - metadata_size(detector.info, quantize)
        temperature = detector.calibration.temperature
        content = quantize_weights(content, squares, allowed, temperature, progress=progress)
    return add_metadata(content, detector.info, quantize)


def _as_function(detector: Detector) -> Any:
    model, size = detector.model, detector.preprocessing.size
    temperature = detector.calibration.temperature

    @tf.function(
        input_signature=[tf.TensorSpec([1, size, size, 3], tf.float32, name="pixels")],
        autograph=False,
    )
    def from_pixels(pixels: Any) -> dict[str, Any]:
        logit = model(pixels, training=False)
        return {"logit": logit, "score": tf.sigmoid(logit / temperature)}

    return from_pixels


def _configure(converter: Any, quantize: str, squares: NDArray[np.uint8] | None) -> None:
    builtins = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize not in ("none", "mixed"):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantize == "int8" and squares is not None:
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
