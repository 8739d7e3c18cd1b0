"""AMTENnet in Keras, and every road by which a trained detector gives a logit."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from dfd_tf.models import build_model

PRECISIONS = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def keras_model(precision: str) -> keras.Model:
    """AMTENnet under a precision, its weights from the same seed."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(PRECISIONS[precision])
    try:
        return build_model("amtenet")
    finally:
        keras.config.set_dtype_policy("float32")


def our_inference(
    pixels: np.ndarray, folder: str, max_threads: int
) -> dict[str, Callable[[], np.ndarray]]:
    """Every road by which a trained detector is used, from an array to logits."""
    inputs = pixels.astype(np.float32)
    roads: dict[str, Callable[[], np.ndarray]] = {}
    for precision in PRECISIONS:
        model = keras_model(precision)
        graph = tf.function(lambda x, model=model: model(x, training=False))
        roads[f"Keras {precision}"] = lambda model=model: model.predict_on_batch(inputs)
        roads[f"tf.function {precision}"] = lambda graph=graph: graph(inputs).numpy()
    model = keras_model("float32")
    model.export(folder, verbose=False)
    saved = tf.saved_model.load(folder)
    roads["SavedModel float32"] = lambda: saved.serve(inputs).numpy()
    for name, content in tflite_models(model).items():
        for threads in range(1, max_threads + 1):
            roads[f"LiteRT {name}, threads {threads}"] = litert(content, inputs, threads)
    return roads


def tflite_models(model: keras.Model) -> dict[str, bytes]:
    """The model for LiteRT in float32 and with weights in eight bits."""
    found = {}
    for name, optimizations in {"float32": [], "int8-dynamic": [tf.lite.Optimize.DEFAULT]}.items():
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = optimizations
        with contextlib.redirect_stdout(io.StringIO()):  # a line for every variable
            found[name] = converter.convert()
    return found


def litert(content: bytes, inputs: np.ndarray, threads: int) -> Callable[[], np.ndarray]:
    """Call of a LiteRT interpreter."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=threads)
    entry = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(entry, inputs.shape)
    interpreter.allocate_tensors()
    exit_ = interpreter.get_output_details()[0]["index"]

    def step() -> np.ndarray:
        interpreter.set_tensor(entry, inputs)
        interpreter.invoke()
        return interpreter.get_tensor(exit_)

    return step
