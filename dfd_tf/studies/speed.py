"""How many images a second a network learns from and judges on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dfd_tf.config import RunConfig, load_config
from dfd_tf.hardware import choose_precision
from dfd_tf.models import architecture
from dfd_tf.studies.architecture_table import Row
from dfd_tf.training.networks import build_network
from dfd_tf.training.optim.phases import compile_for_training

SECONDS = 2.0  # of measuring, after the calls that compile
ROUNDS = 3  # of which the fastest counts: what else the machine does only slows


def with_speeds(row: Row, folder: Path) -> Row:
    """The row with the speeds of a run's network at its batch size, in its precision."""
    keras.utils.clear_session(free_memory=True)
    config = load_config(folder / "config.yaml")
    training, inference = speeds_of(config)
    return replace(row, training_speed=training, inference_speed=inference)


def speeds_of(config: RunConfig) -> tuple[float, float]:
    """Images per second in training steps and in inference, without reading any files."""
    precision = choose_precision(config.device.precision, architecture(config.model.name).depthwise)
    model = build_network(config, precision)
    compile_for_training(model, config.train, config.train.learning_rate)
    rng = np.random.default_rng(config.seed)
    batch = config.train.batch_size
    pixels = rng.uniform(0, 255, (batch, *model.input_shape[1:])).astype(np.float32)
    labels = rng.integers(0, 2, (batch, 1)).astype(np.float32)
    training = images_per_second(lambda: model.train_on_batch(pixels, labels), batch)
    inference = images_per_second(lambda: model.predict_on_batch(pixels), batch)
    return training, inference


def images_per_second(step: Callable[[], Any], images: int) -> float:
    """The best of several rounds.

    Args:
        step: one batch.
        images: in it.
    """
    step()
    step()
    return max(_round(step, images) for _ in range(ROUNDS))


def _round(step: Callable[[], Any], images: int) -> float:
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS / ROUNDS or not steps:
        step()
        steps += 1
    return steps * images / (time.perf_counter() - start)
