"""AMTENnet's speed on a CPU: training and inference against PyTorch, and our ways to deploy.

Run from the repository root: `python -m benchmarks.network`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch

from benchmarks.keras_amtenet import PRECISIONS, keras_model, our_inference
from benchmarks.timing import (
    CLOCKS,
    Measurement,
    best,
    common_options,
    interleave,
    ratio_line,
    report,
)
from benchmarks.torch_amtenet import TorchAMTENnet, copy_weights, train_step
from dfd_tf.config import TrainConfig
from dfd_tf.training.optim.phases import compile_for_training

LAYOUTS = {"channels_last": torch.channels_last, "default": torch.contiguous_format}


def repeated(step: Callable[[], Any], images: int, times: int) -> Measurement:
    """Measure several calls of a step, after one that is not counted."""

    def run() -> int:
        for _ in range(times):
            step()
        return images * times

    def prepare() -> Callable[[], int]:
        step()
        return run

    return prepare


def twin_of(model: keras.Model, layout: str) -> TorchAMTENnet:
    """The same network in PyTorch."""
    twin = TorchAMTENnet()
    copy_weights(model, twin)
    return twin.to(memory_format=LAYOUTS[layout])


def to_torch(pixels: np.ndarray, layout: str) -> torch.Tensor:
    """Batch as PyTorch wants it."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=LAYOUTS[layout])


def our_training(pixels: np.ndarray, labels: np.ndarray, precision: str) -> Callable[[], Any]:
    """A step of `fit`, as the toolkit compiles it."""
    model = keras_model(precision)
    compile_for_training(model, TrainConfig(), rate=1e-3)
    batches = iter(tf.data.Dataset.from_tensors((tf.constant(pixels), labels)).repeat())
    model.make_train_function()
    return lambda: float(model.train_function(batches)["loss"])


def torch_training(
    pixels: np.ndarray, labels: np.ndarray, precision: str, layout: str
) -> Callable[[], Any]:
    """A step of eager PyTorch with its fused optimizer."""
    twin = twin_of(keras_model("float32"), layout).train()
    optimizer = torch.optim.AdamW(twin.parameters(), lr=1e-4, fused=True)
    inputs, targets = to_torch(pixels, layout), torch.from_numpy(labels)
    return lambda: train_step(twin, optimizer, inputs, targets, precision == "bfloat16")


def torch_inference(pixels: np.ndarray, precision: str, layout: str) -> Callable[[], np.ndarray]:
    """Eager PyTorch in inference mode."""
    twin = twin_of(keras_model("float32"), layout).eval()
    inputs = to_torch(pixels, layout)

    def step() -> np.ndarray:
        bf16 = precision == "bfloat16"
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            return twin(inputs).float().numpy()

    return step


def check(roads: dict[str, Callable[[], np.ndarray]], reference: str) -> None:
    """Print how far the logits of every road are from the reference, and refuse nonsense."""
    expected = roads[reference]()
    for name, road in roads.items():
        off = np.abs(road() - expected).max() / np.abs(expected).max()
        limit = 0.1 if "8" in name or "bfloat16" in name else 1e-3
        print(f"{name}: relative difference {off:.1e}")
        if off > limit:
            raise SystemExit(f"{name} does not compute the same network.")


def measure_training(options: Any) -> None:
    """Training at the batch size of the recipes."""
    rng = np.random.default_rng(options.seed)
    pixels = rng.integers(0, 256, (options.batch, 128, 128, 3), dtype=np.uint8)
    labels = (np.arange(options.batch) % 2).astype(np.float32)[:, None]
    steps: dict[str, Callable[[], Any]] = {}
    for precision in PRECISIONS:
        steps[f"ours {precision}"] = our_training(pixels, labels, precision)
        for layout in LAYOUTS:
            name = f"PyTorch {layout} {precision}"
            steps[name] = torch_training(pixels, labels, precision, layout)
    found = {name: repeated(step, options.batch, 3) for name, step in steps.items()}
    rates = interleave(found, options.repeats, CLOCKS[options.clock])
    lines = []
    for precision in PRECISIONS:
        opponent = best(rates, [f"PyTorch {layout} {precision}" for layout in LAYOUTS])
        lines.append(ratio_line(rates, f"ours {precision}", opponent, target=1))
    title = f"Training, batches of {options.batch}, {options.clock} time"
    report(title, rates, lines, options.out)


def measure_inference(options: Any, batch: int, times: int) -> None:
    """Inference on a batch, every road."""
    rng = np.random.default_rng(options.seed)
    pixels = rng.integers(0, 256, (batch, 128, 128, 3), dtype=np.uint8)
    opponents = {
        f"PyTorch {layout} {precision}": torch_inference(pixels, precision, layout)
        for precision in PRECISIONS
        for layout in LAYOUTS
    }
    with tempfile.TemporaryDirectory() as folder:
        ours = our_inference(pixels, folder, min(options.threads, 2))
    check(ours | opponents, "Keras float32")
    found = {name: repeated(road, batch, times) for name, road in (ours | opponents).items()}
    rates = interleave(found, options.repeats, CLOCKS[options.clock])
    fastest = best(rates, list(ours))
    exact = best(rates, [name for name in ours if "float32" in name])
    lines = [
        ratio_line(rates, fastest, best(rates, list(opponents)), target=1.5),
        ratio_line(rates, exact, best(rates, [n for n in opponents if "float32" in n])),
    ]
    report(f"Inference, batches of {batch}, {options.clock} time", rates, lines, options.out)


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--batch", type=int, default=64, help="batch in training (default: 64)")
    parser.add_argument(
        "--threads",
        type=int,
        default=os.cpu_count(),
        help="threads on both sides; 1 with --clock cpu, since PyTorch's wait actively",
    )
    parser.add_argument("--only", choices=["training", "inference"], help="half of it")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    if options.only != "training":
        measure_inference(options, batch=32, times=4)
        measure_inference(options, batch=1, times=40)
    if options.only != "inference":
        measure_training(options)


if __name__ == "__main__":
    main()
