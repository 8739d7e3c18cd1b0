"""What a detector costs: parameters and multiply-adds, counted on its built graph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from dfd_tf.models.registry import build_model

_WEIGHED_SUMS = (
    layers.Conv2D,
    layers.Conv2DTranspose,
    layers.DepthwiseConv2D,
    layers.SeparableConv2D,
    layers.Dense,
)


@dataclass(frozen=True)
class Cost:
    """Size and work of a detector.

    Attributes:
        trainable: parameters that training changes.
        parameters: all parameters, moving statistics included.
        multiply_adds: of the convolutions and dense layers, for one image; None where a part is a
            network of another package, whose layers do not say.
    """

    trainable: int
    parameters: int
    multiply_adds: int | None


def cost_of(model: keras.Model) -> Cost:
    """Count a model's parameters and, where it is flat, its multiply-adds."""
    flat = not any(isinstance(layer, keras.Model) for layer in model.layers)
    return Cost(
        trainable=sum(math.prod(weight.shape) for weight in model.trainable_weights),
        parameters=model.count_params(),
        multiply_adds=sum(map(_multiply_adds, model.layers)) if flat else None,
    )


def default_cost(name: str) -> Cost:
    """Count a detector at its default arguments and input size, without making its weights."""
    with keras.StatelessScope(initialize_variables=False):
        return cost_of(build_model(name))


def _multiply_adds(layer: Any) -> int:
    """Every kernel weight is used once at every place of the output, transposed of the input.

    A layer made of other layers says itself what it costs: its method `multiply_adds` takes the
    input shape, or the list of them.
    """
    if hasattr(layer, "multiply_adds"):
        inputs = layer.input
        several = isinstance(inputs, list)
        return layer.multiply_adds([x.shape for x in inputs] if several else inputs.shape)
    kernels = [math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1]
    if kernels and not isinstance(layer, _WEIGHED_SUMS):
        raise TypeError(
            f"The cost of the layer {layer.name!r} is unknown: {type(layer).__name__} needs a "
            "method multiply_adds(input_shape)."
        )
    places = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
    return sum(kernels) * math.prod(places.shape[1:-1])
