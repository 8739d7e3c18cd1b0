"""Several processes that train one network together, on Keras' JAX backend.

Each shows the network its part of every batch; JAX makes of the parts what one process would make
of the whole batch, batch statistics and gradients included. What is done once, by process 0, is
validation and everything that is written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfd_tf.errors import UserError
from dfd_tf.types import Floats


@dataclass(frozen=True)
class Group:
    """A process among those that train together; by default one alone.

    Attributes:
        processes: how many there are.
        process: the number of this one, from 0.
        coordinator: HOST:PORT at which process 0 is found by all.
    """

    processes: int = 1
    process: int = 0
    coordinator: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.process < self.processes:
            raise UserError(
                f"--process {self.process} of --processes {self.processes}: expected a number from "
                f"0 to {self.processes - 1}."
            )

    @property
    def alone(self) -> bool:
        """Whether there are no others."""
        return self.processes == 1

    @property
    def leads(self) -> bool:
        """Whether this process validates and writes."""
        return self.process == 0

    def part(self, batch_size: int) -> slice:
        """Which images of each batch this process shows.

        Raises:
            UserError: the batch cannot be dealt evenly.
        """
        if batch_size % self.processes:
            raise UserError(
                f"train.batch_size {batch_size} cannot be dealt to {self.processes} processes: "
                "give a multiple of their number."
            )
        each = batch_size // self.processes
        return slice(self.process * each, (self.process + 1) * each)

    def join(self) -> None:
        """Wait for the others, and have networks built from now on be trained together.

        Raises:
            UserError: Keras does not compute with JAX, or the others cannot be reached.
        """
        if self.alone:
            return
        import jax
        import keras

        if keras.backend.backend() != "jax":
            raise UserError(
                f"--processes needs Keras' JAX backend, not {keras.backend.backend()!r}: "
                'pip install "dfd-tf[jax]", and set KERAS_BACKEND=jax.'
            )
        set_option: Any = jax.config.update
        set_option("jax_cpu_collectives_implementation", "gloo")
        try:
            keras.distribution.initialize(self.coordinator, self.processes, self.process)
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"the processes did not meet at {self.coordinator} ({str(error).splitlines()[0]}). "
                "Start all of them, with the same --coordinator and --processes."
            ) from None
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )

    def leave(self) -> None:
        """Be alone from now on."""
        if self.alone:
            return
        import jax
        import keras

        keras.distribution.set_distribution(None)
        jax.distributed.shutdown()  # type: ignore[no-untyped-call]

    def told(self, numbers: Floats) -> Floats:
        """What process 0 has, in every process; of the same shape in all."""
        if self.alone:
            return numbers
        from jax.experimental.multihost_utils import broadcast_one_to_all

        # JAX would round to float32.
        bits = np.ascontiguousarray(numbers, np.float64).view(np.uint32)
        return np.asarray(broadcast_one_to_all(bits)).view(np.float64)


ALONE = Group()


def choose_jax() -> None:
    """Have Keras compute with JAX, where it is not imported yet and nobody wishes otherwise."""
    os.environ.setdefault("KERAS_BACKEND", "jax")


class LocalCopy:
    """A network's present weights in this process alone, with the call of a Keras model.

    Args:
        model: a network whose variables all processes hold alike.
    """

    def __init__(self, model: Any) -> None:
        import jax

        self._weights = [
            [np.asarray(variable.value) for variable in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables)
        ]
        self._call = jax.jit(lambda weights, x: model.stateless_call(*weights, x)[0])

    def predict_on_batch(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits, (n, 1), of RGB pixels in [0, 255], (n, size, size, 3)."""
        return np.asarray(self._call(self._weights, squares))
