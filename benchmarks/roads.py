"""Ways to deploy AMTENnet: latency of one image, throughput of 64, and the cold start.

Run from the repository root: `python -m benchmarks.roads`; `--quick` for a look.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import tensorflow as tf
import torch

from benchmarks.keras_amtenet import keras_model, litert
from benchmarks.network import check, repeated, torch_inference, twin_of
from benchmarks.photos import natural_image
from benchmarks.timing import (
    CLOCKS,
    Measurement,
    best,
    common_options,
    interleave,
    ratio_line,
    report,
)
from dfd_tf import DEFAULT_MODEL

Road = Callable[[], np.ndarray]
# A photo with a face in it.
PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
N_FOR_RANGES = 32
# What a peer's script for one image costs before and beside its network.
TORCH_SCRIPT = """
import sys
import cv2
import torch
from benchmarks.torch_amtenet import TorchAMTENnet
twin = TorchAMTENnet()
twin.load_state_dict(torch.load(sys.argv[1], weights_only=True))
twin.eval()
image = cv2.resize(cv2.imread(sys.argv[2])[..., ::-1].copy(), (128, 128))
with torch.inference_mode():
    print(torch.sigmoid(twin(torch.from_numpy(image).permute(2, 0, 1)[None])).item())
"""


def lite_files(model: keras.Model, seed: int) -> dict[str, bytes]:
    """The model for LiteRT: float32, weights in eight bits, and everything in eight bits."""
    rng = np.random.default_rng(seed)
    images = [natural_image(rng)[None, :128, :128].astype(np.float32) for _ in range(N_FOR_RANGES)]
    found = {}
    for name in ("float32", "dynamic", "int8"):
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if name != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if name == "int8":
            converter.representative_dataset = lambda: ([image] for image in images)
        with contextlib.redirect_stdout(io.StringIO()):  # a line for every variable
            found[name] = converter.convert()
    return found


def onnx_road(model: keras.Model, folder: Path, inputs: np.ndarray, threads: int) -> Road:
    """The same network through ONNX Runtime."""
    import onnxruntime

    file = folder / "model.onnx"
    model.export(file, format="onnx", verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    return lambda: session.run(None, {entry: inputs})[0]


def roads_of(pixels: np.ndarray, options: Any) -> dict[str, Road]:
    """Every road from an array of pixels to logits, by name; all hold the same weights."""
    model, inputs = keras_model("float32"), pixels.astype(np.float32)
    roads: dict[str, Road] = {
        "Keras predict": lambda: model.predict(inputs, batch_size=len(inputs), verbose=0),
        "Keras predict_on_batch": lambda: model.predict_on_batch(inputs),
    }
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        saved = tf.saved_model.load(folder)
        roads["ONNX Runtime"] = onnx_road(model, Path(folder), inputs, options.threads)
    tensor = tf.constant(inputs)
    roads["SavedModel"] = lambda: saved.serve(tensor).numpy()
    for name, content in lite_files(model, options.seed).items():
        for threads in sorted({1, options.threads}):
            roads[f"LiteRT {name}, threads {threads}"] = litert(content, inputs, threads)
    for layout in ("channels_last", "default"):
        roads[f"PyTorch {layout}"] = torch_inference(pixels, "float32", layout)
    return roads


def measure_network(options: Any, batch: int, times: int) -> None:
    """From pixels in memory to logits."""
    rng = np.random.default_rng(options.seed)
    pixels = np.stack([natural_image(rng)[:128, :128] for _ in range(batch)])
    roads = roads_of(pixels, options)
    exact = {
        name: road for name, road in roads.items() if "dynamic" not in name and "int8" not in name
    }
    check(exact, "Keras predict_on_batch")
    found = {name: repeated(road, batch, times) for name, road in roads.items()}
    rates = interleave(found, options.repeats, CLOCKS[options.clock])
    opponent = best(rates, [name for name in roads if name.startswith("PyTorch")])
    lines = [ratio_line(rates, name, opponent) for name in roads if not name.startswith("PyTorch")]
    title = f"Roads, {'one image' if batch == 1 else f'batches of {batch}'}, {options.clock} time"
    report(title, rates, lines, options.out)


def command(*arguments: object) -> Measurement:
    """A process from its start to its end, as one image."""

    def run() -> int:
        subprocess.run(list(map(str, arguments)), check=True, capture_output=True)
        return 1

    return lambda: run


def measure_cold_start(options: Any) -> None:
    """One photo from the shell prompt; images/s of one image, so 2 is half a second."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pt"
        torch.save(twin_of(keras_model("float32"), "default").state_dict(), weights)
        predict = (
            sys.executable,
            "tools/predict.py",
            PORTRAIT,
            "--model",
            DEFAULT_MODEL,
            "--engine",
        )
        found = {
            "dfd predict, light": command(*predict, "lite"),
            "dfd predict, light, whole image": command(*predict, "lite", "--faces", "whole"),
            "dfd predict, Keras": command(*predict, "keras"),
            "import tensorflow alone": command(sys.executable, "-c", "import tensorflow"),
            "PyTorch script": command(sys.executable, "-c", TORCH_SCRIPT, weights, PORTRAIT),
            "import torch alone": command(sys.executable, "-c", "import torch"),
        }
        for measurement in found.values():  # the files come from the disk once
            measurement()()
        rates = interleave(found, options.repeats, CLOCKS[options.clock])
    light = "dfd predict, light"
    lines = [
        ratio_line(rates, light, "import tensorflow alone", target=1),
        ratio_line(rates, light, "PyTorch script", target=1),
        ratio_line(rates, "dfd predict, Keras", "import tensorflow alone"),
    ]
    report(f"Cold start, {options.clock} time", rates, lines, options.out)


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--threads", type=int, default=2, help="threads on all sides (default: 2)")
    parser.add_argument("--only", choices=["network", "start"], help="half of it")
    parser.add_argument("--quick", action="store_true", help="one round of few calls, for a look")
    options = parser.parse_args()
    if options.quick:
        options.repeats = 1
    torch.set_num_threads(options.threads)
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    if options.only != "start":
        measure_network(options, batch=1, times=3 if options.quick else 40)
        measure_network(options, batch=64, times=1 if options.quick else 3)
    if options.only != "network":
        measure_cold_start(options)


if __name__ == "__main__":
    main()
