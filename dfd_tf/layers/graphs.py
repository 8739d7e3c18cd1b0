"""Graphs whose nodes attend to one another: the spectro-temporal graphs of AASIST.

Jung, Heo, Tak, Shim, Chung, Lee, Yu, Evans: "AASIST: Audio Anti-Spoofing using Integrated
Spectro-Temporal Graph Attention Networks", ICASSP 2022, arXiv:2110.01200.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

INPUT_DROPOUT = 0.2
POOL_DROPOUT = 0.3
EPSILON, MOMENTUM = 1e-5, 0.9  # of the normalisation, as published


@keras.saving.register_keras_serializable(package="dfd_tf")
class NodePlaces(keras.layers.Layer):
    """Add a learned vector to each node, (batch, nodes, features), so that its place is known."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the vectors."""
        start = keras.initializers.RandomNormal(stddev=1.0)
        self.places = self.add_weight((1, *input_shape[1:]), start, name="places")

    def call(self, nodes: Any) -> Any:
        """Return the nodes at their places."""
        return nodes + self.places

    def multiply_adds(self, input_shape: tuple[int, ...]) -> int:
        """None: it adds."""
        return 0


@keras.saving.register_keras_serializable(package="dfd_tf")
class GraphAttention(keras.layers.Layer):
    """Every node becomes a mixture of all, weighed by what it has in common with each, and itself.

    Input (batch, nodes, features), output (batch, nodes, units).

    Args:
        units: features of a node afterwards.
        temperature: that the weights' logits are divided by.
    """

    def __init__(self, units: int, temperature: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.temperature = units, temperature
        self.shown = layers.Dropout(INPUT_DROPOUT)
        self.pairs = layers.Dense(units, activation="tanh", name="pairs")
        self.weigh = layers.Dense(1, use_bias=False, name="weigh")
        self.mixed = layers.Dense(units, name="mixed")
        self.own = layers.Dense(units, name="own")
        self.norm = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name="norm")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        for dense in (self.pairs, self.mixed, self.own):
            dense.build(input_shape)
        self.weigh.build((None, self.units))
        self.norm.build((None, None, self.units))

    def call(self, nodes: Any, training: bool | None = None) -> Any:
        """Return the new nodes."""
        nodes = self.shown(nodes, training=training)
        logits = self.weigh(self.pairs(products(nodes)))[..., 0] / self.temperature
        mixture = ops.matmul(ops.softmax(logits, axis=-1), nodes)
        return ops.selu(self.norm(self.mixed(mixture) + self.own(nodes), training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, nodes, units)."""
        return *input_shape[:2], self.units

    def multiply_adds(self, input_shape: tuple[int, ...]) -> int:
        """Of the dense layers and the mixture, for one graph."""
        return _attention_cost(input_shape[1], input_shape[2], self.units, kinds=1)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        own = {"units": self.units, "temperature": self.temperature}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="dfd_tf")
class MixedGraphAttention(keras.layers.Layer):
    """Attention over nodes of two kinds, and a master node that listens to all of them.

    Inputs are two graphs, (batch, nodes, features) each with its number of nodes, and the master,
    (batch, 1, features), left out where it is learned here. Outputs are the same three, of `units`
    features. What two nodes have in common is weighed by their kinds: both of the first, both of
    the second, one of each.

    Args:
        units: features of a node afterwards.
        temperature: that the weights' logits are divided by.
        own_master: learn the master that is listened with.
    """

    def __init__(
        self, units: int, temperature: float, own_master: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.temperature, self.own_master = units, temperature, own_master
        self.shown = layers.Dropout(INPUT_DROPOUT)
        self.pairs = layers.Dense(units, activation="tanh", name="pairs")
        self.weigh = layers.Dense(3, use_bias=False, name="weigh")
        self.mixed = layers.Dense(units, name="mixed")
        self.own = layers.Dense(units, name="own")
        self.listen = layers.Dense(units, activation="tanh", name="listen")
        self.weigh_heard = layers.Dense(1, use_bias=False, name="weigh_heard")
        self.heard = layers.Dense(units, name="heard")
        self.kept = layers.Dense(units, name="kept")
        self.norm = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name="norm")

    def build(self, input_shape: list[tuple[int, ...]]) -> None:
        """Create the weights."""
        (_, first, features), (_, second, _) = input_shape[:2]
        shape = (None, None, features)
        self.first = layers.Dense(features, name="first")
        self.second = layers.Dense(features, name="second")
        for dense in (self.first, self.second, self.pairs, self.mixed, self.own):
            dense.build(shape)
        for dense in (self.listen, self.heard, self.kept):
            dense.build(shape)
        for dense in (self.weigh, self.weigh_heard):
            dense.build((None, self.units))
        self.norm.build((None, None, self.units))
        if self.own_master:
            start = keras.initializers.RandomNormal(stddev=1.0)
            self.master = self.add_weight((1, 1, features), start, name="master")
        self.kinds = _kinds(first, second)

    def call(self, inputs: list[Any], training: bool | None = None) -> tuple[Any, Any, Any]:
        """Return the new nodes of both kinds, and the master."""
        first, second = self.first(inputs[0]), self.second(inputs[1])
        n = first.shape[1]
        nodes = ops.concatenate([first, second], axis=1)
        master = ops.cast(self.master, nodes.dtype) if self.own_master else inputs[2]
        nodes = self.shown(nodes, training=training)
        said = self._listened(nodes, master)
        logits = ops.sum(self.weigh(self.pairs(products(nodes))) * self.kinds, axis=-1)
        mixture = ops.matmul(ops.softmax(logits / self.temperature, axis=-1), nodes)
        nodes = ops.selu(self.norm(self.mixed(mixture) + self.own(nodes), training=training))
        return nodes[:, :n], nodes[:, n:], said

    def _listened(self, nodes: Any, master: Any) -> Any:
        logits = self.weigh_heard(self.listen(nodes * master)) / self.temperature
        weights = ops.softmax(logits, axis=1)  # (batch, nodes, 1)
        mixture = ops.sum(weights * nodes, axis=1, keepdims=True)
        return self.heard(mixture) + self.kept(master)

    def compute_output_shape(
        self, input_shape: list[tuple[int | None, ...]]
    ) -> tuple[tuple[int | None, ...], ...]:
        """Those of the three outputs."""
        first, second = input_shape[:2]
        batch = first[0]
        return (batch, first[1], self.units), (batch, second[1], self.units), (batch, 1, self.units)

    def multiply_adds(self, input_shape: list[tuple[int, ...]]) -> int:
        """Of the dense layers and both mixtures, for one graph."""
        n, features = input_shape[0][1] + input_shape[1][1], input_shape[0][2]
        own = n * features**2 + _attention_cost(n, features, self.units, kinds=3)
        heard = n * (features * self.units + self.units + features)
        return own + heard + 2 * features * self.units

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        own = {"units": self.units, "temperature": self.temperature, "own_master": self.own_master}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="dfd_tf")
class GraphPool(keras.layers.Layer):
    """Keep the share of the nodes with the highest gates, in their order, each times its gate.

    Input (batch, nodes, features); output with `share` of the nodes, at least one.

    Args:
        share: that is kept, rounded down.
    """

    def __init__(self, share: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share
        self.shown = layers.Dropout(POOL_DROPOUT)
        self.gate = layers.Dense(1, activation="sigmoid", name="gate")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        self.gate.build(input_shape)

    def call(self, nodes: Any, training: bool | None = None) -> Any:
        """Return the nodes that are kept, the highest gate first."""
        gates = self.gate(self.shown(nodes, training=training))  # (batch, nodes, 1)
        _, chosen = ops.top_k(gates[..., 0], self._kept(nodes.shape[1]))
        return ops.take_along_axis(nodes * gates, chosen[..., None], axis=1)

    def _kept(self, nodes: int) -> int:
        return max(int(nodes * self.share), 1)

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """(batch, nodes that are kept, features)."""
        return input_shape[0], self._kept(input_shape[1]), input_shape[2]

    def multiply_adds(self, input_shape: tuple[int, ...]) -> int:
        """Of the gate, for one graph."""
        return input_shape[1] * input_shape[2]

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "share": self.share}


def products(nodes: Any) -> Any:
    """What each pair of nodes has in common, (batch, nodes, nodes, features)."""
    return nodes[:, :, None] * nodes[:, None]


def _attention_cost(nodes: int, features: int, units: int, kinds: int) -> int:
    """Multiply-adds of attention among so many nodes: their pairs, their mixture, two layers."""
    pairs = nodes**2 * (features * units + kinds * units + features)
    return pairs + 2 * nodes * features * units


def _kinds(first: int, second: int) -> Any:
    """For every pair of nodes a one at its kind, (1, nodes, nodes, 3)."""
    kind = np.full((first + second,) * 2, 2)
    kind[:first, :first], kind[first:, first:] = 0, 1
    return np.eye(3, dtype="float32")[kind][None]
