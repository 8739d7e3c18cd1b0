"""The heat of one network on a few squares, by the methods of tf-keras-vis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray
from tf_keras_vis.gradcam import Gradcam, GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.scorecam import Scorecam
from tf_keras_vis.utils.model_modifiers import ExtractIntermediateLayerForGradcam

Maps = NDArray[np.float32]
Mapper = Callable[[NDArray[np.uint8], int], Maps]
"""From squares (n, size, size, 3) and the class asked for to heat >= 0, (n, side, side)."""

# Of a wide layer Score-CAM takes the maps that vary most: one forward pass for each.
SCORECAM_MAPS = 128
SMOOTHGRAD_SAMPLES = 16
# As a share of the range of the pixels. The publication's 0.1 to 0.2 drowns the traces that a
# forensic detector lives on.
SMOOTHGRAD_NOISE = 0.02

_GRADIENT_METHODS = {"gradcam": Gradcam, "gradcam++": GradcamPlusPlus, "layercam": Layercam}


def make_mapper(method: str, model: keras.Model, layer: str) -> Mapper:
    """Prepare a method for one network.

    Args:
        method: one of `dfd_tf.explaining.METHODS`.
        model: flat graph in float32, from pixels to one logit, positive = fake.
        layer: name of the layer whose maps are weighed; SmoothGrad asks the pixels instead.

    Raises:
        RuntimeError: tf-keras-vis would take another tensor than the layer's output.
    """
    if method == "smoothgrad":
        # It calls the graph with a list.
        listed = keras.Model(model.inputs, model.outputs)
        return partial(_smoothgrad, Saliency(listed, clone=False))
    _require_exact_layer(model, layer)
    if method == "scorecam":
        return partial(_scorecam, Scorecam(_with_two_classes(model), clone=False), layer)
    return partial(_by_gradient, _GRADIENT_METHODS[method](model, clone=False), layer)


def _require_exact_layer(model: keras.Model, layer: str) -> None:
    taken = ExtractIntermediateLayerForGradcam(layer, seek_conv_layer=False)(model).outputs[-1]
    if taken is not model.get_layer(layer).output:
        raise RuntimeError(f"tf-keras-vis took the tensor {taken.name!r}, not that of {layer!r}")


def _by_gradient(cam: Any, layer: str, squares: NDArray[np.uint8], target: int) -> Maps:
    return np.asarray(cam(_class_logit(target), _pixels(squares), **_as_they_are(layer)))


def _class_logit(target: int) -> Callable[[Any], Any]:
    """The logit for fake or, negated, for real, less its own value.

    The constant changes no gradient, but Grad-CAM++ exponentiates the score: of 0 it can neither
    overflow nor make the heat of two views incomparable.
    """
    sign = 1.0 if target else -1.0
    return lambda logits: sign * (logits - tf.stop_gradient(logits))


def _as_they_are(layer: str) -> dict[str, Any]:
    """The named tensor itself, in its own size, not scaled: the views stay comparable."""
    return {
        "penultimate_layer": layer,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }


def _scorecam(cam: Any, layer: str, squares: NDArray[np.uint8], target: int) -> Maps:
    """One square at a time: it holds the square once for every map of the layer."""
    maps = cam.model.get_layer(layer).output.shape[-1]
    heat = [
        cam(
            lambda probabilities: probabilities[:, target],
            _pixels(squares[i : i + 1]),
            max_N=min(maps, SCORECAM_MAPS),
            **_as_they_are(layer),
        )
        for i in range(len(squares))
    ]
    return np.concatenate([np.asarray(one, np.float32) for one in heat])


def _with_two_classes(model: keras.Model) -> keras.Model:
    """The network with one output for each class.

    Scorecam takes the softmax of the outputs, which of a single logit is always 1; of (0, logit)
    it is the probability of either class.
    """
    logit = model.outputs[0]
    both = keras.Model(model.inputs, ops.concatenate([ops.zeros_like(logit), logit], axis=-1))
    both.predict = partial(both.predict, verbose=0)
    return both


def _smoothgrad(saliency: Any, squares: NDArray[np.uint8], target: int) -> Maps:
    with _numpy_seed(0):
        heat = saliency(
            _class_logit(target),
            _pixels(squares),
            smooth_samples=SMOOTHGRAD_SAMPLES,
            smooth_noise=SMOOTHGRAD_NOISE,
            normalize_map=False,
        )
    return np.asarray(heat, np.float32)


@contextmanager
def _numpy_seed(seed: int) -> Iterator[None]:
    """tf-keras-vis draws its noise from NumPy's global generator."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


def _pixels(squares: NDArray[np.uint8]) -> Any:
    return tf.constant(squares, tf.float32)
