"""Train three detectors on a GPU through JAX: speed, share of the chip, stalls, and the bundles.

One call, from the repository root, where JAX with CUDA is installed (`pip install ".[jax]"
"jax[cuda12]"`), for `clip_vit` after `dfd fetch clip_vit`:

    python -m benchmarks.gpu --data my_faces --out gpu --minutes 10

Each recipe of `configs/` gets its share of the minutes: epochs of a fixed number of images, as many
as fit. `--out` gets a run folder each, with the bundle, and figures.json, which is also printed. On
a machine without a GPU, `--tiny` tries the script.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np

from dfd_tf.api.train import find_config
from dfd_tf.config import RunConfig, load_config
from dfd_tf.hardware import choose_precision
from dfd_tf.models import architecture
from dfd_tf.models.cost import cost_of
from dfd_tf.progress import Progress, progress_bar
from dfd_tf.reporter import Reporter
from dfd_tf.training.networks import build_network
from dfd_tf.training.optim.phases import compile_for_training
from dfd_tf.training.run import train

RECIPES = ("amtenet", "resnet50", "clip_vit")
# Dense bfloat16 operations a second that the makers state, by a part of the device's name.
PEAKS = {
    "H200": 989e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
    "V100": 125e12,
    "T4": 65e12,
}
STEPS = 20
TINY = {"train.batch_size": 8, "train.images_per_epoch": 32}
# A multiply-add is two operations; a training step costs a forward and twice that backward.
OPERATIONS = {"training": 6, "forward": 2}


class TimedReporter(Reporter):
    """Notes the seconds of each epoch, which are those between a bar's begin and end."""

    seconds: list[float]

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "seconds", [])

    @contextmanager
    def bar(self, total: int, description: str, *, unit: str = "images") -> Iterator[Progress]:
        """See `Reporter.bar`."""
        begun = time.perf_counter()
        with progress_bar(total, description, unit=unit) as bar:
            yield bar
        if description.startswith("epoch"):
            self.seconds.append(time.perf_counter() - begun)


def settings(name: str, options: argparse.Namespace, epochs: int) -> RunConfig:
    """The recipe as it ships, but for the length of an epoch and their number."""
    frozen = {"train.freeze_epochs": epochs} if name == "clip_vit" else {}
    size = TINY if options.tiny else {"train.images_per_epoch": options.images}
    return load_config(find_config(name)).replace(
        {"data.paths": options.data, "train.epochs": epochs, **frozen, **size}
    )


def steps_alone(config: RunConfig) -> dict[str, Any]:
    """Images/s of training steps on pixels that are in memory already."""
    precision = choose_precision(config.device.precision, architecture(config.model.name).depthwise)
    model = build_network(config, precision)
    compile_for_training(model, config.train, config.train.learning_rate)
    n, size = config.train.batch_size, model.input_shape[1]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, size, size, 3), dtype=np.uint8)
    labels = rng.integers(0, 2, (n, 1)).astype(np.float32)
    steps = 2 if n == TINY["train.batch_size"] else STEPS

    class Again(keras.utils.PyDataset):
        def __len__(self) -> int:
            return steps

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            return images, labels

    model.fit(Again(), verbose=0)  # compiles
    begun = time.perf_counter()
    model.fit(Again(), verbose=0)
    rate = n * steps / (time.perf_counter() - begun)
    return {
        "precision": precision,
        "steps_images_per_second": rate,
        "multiply_adds": cost_of(model).multiply_adds,
    }


def share_of_peak(rate: float, multiply_adds: int, kind: str) -> float | None:
    """Of the bfloat16 operations that the device could do; None for an unknown one."""
    name = jax.devices()[0].device_kind
    peak = next((peak for part, peak in PEAKS.items() if part in name), None)
    return None if peak is None else rate * multiply_adds * OPERATIONS[kind] / peak


def measure(name: str, options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """Train a recipe for about so long, and say how fast it went."""
    begun = time.perf_counter()
    heads_only = settings(name, options, 1).train.only_head
    alone = {} if heads_only else steps_alone(settings(name, options, 1))
    # The first epoch, which also compiles, says how many fit.
    trial = TimedReporter()
    folder = options.out / f"{name}-trial"
    train(settings(name, options, 1), folder, reporter=trial)
    left = seconds - (time.perf_counter() - begun)
    epochs = 2 if options.tiny else max(2, int(left / (trial.seconds[0] + 1) * 0.6))
    timed = TimedReporter()
    whole = time.perf_counter()
    config = settings(name, options, epochs)
    metrics = train(config, options.out / name, reporter=timed)
    batches = config.train.images_per_epoch // config.train.batch_size
    rate = batches * config.train.batch_size / statistics.median(timed.seconds[1:])
    figures = {
        "epochs": epochs,
        "images_per_second": rate,
        "seconds_of_the_run": time.perf_counter() - whole,
        "test_auc": metrics["auc"]["value"],
        **alone,
    }
    if alone:
        figures["waiting_for_images"] = max(0.0, 1 - rate / alone["steps_images_per_second"])
        for key in ("images_per_second", "steps_images_per_second"):
            share = share_of_peak(figures[key], alone["multiply_adds"], "training")
            figures[f"share_of_bfloat16_peak, {key}"] = share
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", action="append", required=True, help="dataset; repeatable")
    parser.add_argument("--out", type=Path, required=True, help="folder to write, must not exist")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all recipes together")
    parser.add_argument("--images", type=int, default=6400, help="of an epoch")
    parser.add_argument("--recipe", action="append", help=f"default: {', '.join(RECIPES)}")
    parser.add_argument("--tiny", action="store_true", help="two epochs of 32 images")
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    end = time.perf_counter() + 60 * options.minutes
    device = jax.devices()[0]
    figures: dict[str, Any] = {"device": device.device_kind, "platform": device.platform}
    recipes = options.recipe or list(RECIPES)
    for done, name in enumerate(recipes):
        share = (end - time.perf_counter()) / (len(recipes) - done)
        figures[name] = measure(name, options, share)
        text = json.dumps(figures, indent=1)
        (options.out / "figures.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
