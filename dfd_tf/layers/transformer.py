"""What a vision transformer has that Keras' own layers have not, each without a nested model."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dfd_tf")
class Tokens(keras.layers.Layer):
    """Put a learned class token before the patches and add what is learned of each place.

    (batch, patches, width) in, (batch, 1 + patches, width) out.
    """

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create the class token and one vector for each place."""
        _, patches, width = input_shape
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.class_token = self.add_weight(shape=(width,), initializer=start, name="class_token")
        self.places = self.add_weight(shape=(patches + 1, width), initializer=start, name="places")
        self.built = True

    def call(self, patches: Any) -> Any:
        """Return class token and patches, each with its place."""
        shape = (ops.shape(patches)[0], 1, patches.shape[-1])
        first = ops.broadcast_to(ops.cast(self.class_token, patches.dtype), shape)
        return ops.concatenate([first, patches], axis=1) + self.places

    def multiply_adds(self, input_shape: tuple[int | None, ...]) -> int:
        """None: what is learned is only added."""
        return 0


@keras.saving.register_keras_serializable(package="dfd_tf")
class SelfAttention(keras.layers.Layer):
    """Mix values by how well queries and keys agree, head by head; without weights of its own.

    Vaswani et al., NeurIPS 2017, arXiv:1706.03762. The projections are dense layers before and
    after it, so that quantisation and pretrained weights see them. Three inputs and the output
    have the shape (batch, tokens, width).

    Args:
        heads: number of heads; a divisor of the width.
    """

    def __init__(self, heads: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads = heads

    def call(self, query: Any, key: Any, value: Any) -> Any:
        """Return the mixed values, the heads side by side."""
        query, key, value = (self._split(x) for x in (query, key, value))
        scale = 1 / query.shape[-1] ** 0.5
        weights = ops.softmax(ops.matmul(query * scale, ops.swapaxes(key, -1, -2)))
        mixed = ops.swapaxes(ops.matmul(weights, value), 1, 2)
        return ops.reshape(mixed, (-1, mixed.shape[1], mixed.shape[2] * mixed.shape[3]))

    def _split(self, x: Any) -> Any:
        """(batch, tokens, width) to (batch, heads, tokens, width / heads)."""
        x = ops.reshape(x, (-1, x.shape[1], self.heads, x.shape[2] // self.heads))
        return ops.swapaxes(x, 1, 2)

    def multiply_adds(self, input_shapes: list[tuple[Any, ...]]) -> int:
        """Multiply-adds for one image: queries with keys, and their agreement with values."""
        _, tokens, width = input_shapes[0]
        return int(2 * tokens**2 * width)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "heads": self.heads}


@keras.saving.register_keras_serializable(package="dfd_tf")
class LayerScale(keras.layers.Layer):
    """Multiply the last axis by one learned factor each; any shape in, the same shape out.

    Touvron et al., ICCV 2021, arXiv:2103.17239.

    Args:
        initial: where the factors start.
    """

    def __init__(self, initial: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the factors."""
        start = keras.initializers.Constant(self.initial)
        self.scale = self.add_weight(shape=input_shape[-1:], initializer=start, name="scale")
        self.built = True

    def call(self, x: Any) -> Any:
        """Return the products."""
        return x * self.scale

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "initial": self.initial}


@keras.saving.register_keras_serializable(package="dfd_tf")  # type: ignore[untyped-decorator]
def quick_gelu(x: Any) -> Any:
    """GELU as CLIP was trained with it: x times the logistic function of 1.702 x."""
    return x * ops.sigmoid(1.702 * x)
