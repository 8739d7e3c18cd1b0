"""The training input pipeline against decoding alone and against a PyTorch DataLoader.

Run from the repository root: `python -m benchmarks.pipeline`.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.photos import find_photos, write_photos
from benchmarks.timing import (
    CLOCKS,
    Measurement,
    best,
    common_options,
    interleave,
    ratio_line,
    report,
)
from benchmarks.torch_loader import torch_loader
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.pipeline import training_batches
from dfd_tf.data.preprocess import Preprocessing

CORES = os.cpu_count() or 1
BATCH = 64
AUGMENTATIONS = {
    "plain": {"flip": 0.5, "zoom": 0.8},
    "degraded": {
        "flip": 0.5,
        "zoom": 0.8,
        "resize": 0.2,
        "blur": 0.1,
        "noise": 0.1,
        "jpeg": 0.3,
    },
}
POLICIES = ("crop", "resize")


def bare_tensorflow(paths: list[str]) -> Measurement:
    """Read and decode with tf.data, nothing else."""

    def size(path: Any) -> Any:
        image = tf.io.decode_jpeg(tf.io.read_file(path), 3, dct_method="INTEGER_ACCURATE")
        return tf.shape(image)

    dataset = tf.data.Dataset.from_tensor_slices(paths)
    dataset = dataset.map(size, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH).prefetch(2)
    return lambda: steady(dataset)


def bare_opencv(paths: list[str]) -> Measurement:
    """Read and decode with cv2.imdecode in as many threads as there are cores."""

    def pixels(path: str) -> int:
        return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR).size

    def run() -> int:
        with ThreadPoolExecutor(CORES) as pool:
            return sum(1 for _ in pool.map(pixels, paths))

    return lambda: run


def steady(batches: Iterable[Any]) -> Callable[[], int]:
    """Wait for the first batch; return what takes the rest and counts its images.

    A real epoch is many times longer than those here, and its start would weigh too much.
    """
    rest = iter(batches)
    next(rest)
    return lambda: sum(
        len(batch[0] if isinstance(batch, tuple | list) else batch) for batch in rest
    )


def difference(ours: Iterable[Any], theirs: Iterable[Any]) -> float:
    """Mean absolute difference in grey levels between the first images of two pipelines."""
    pairs = itertools.islice(zip(ours, theirs, strict=False), 3)
    return max(np.abs(np.float32(a[0]) - np.float32(b[0])).mean() for a, b in pairs)


def plans(
    examples: pd.DataFrame, size: int, n: int, seed: int
) -> dict[str, tuple[pd.DataFrame, Preprocessing]]:
    """One epoch of n images under each policy and augmentation, files repeated as needed."""
    order = np.resize(np.random.default_rng(seed).permutation(len(examples)), n)
    found = {}
    for policy, name in itertools.product(POLICIES, AUGMENTATIONS):
        way = Preprocessing(size, policy)
        plan = plan_epoch(examples, order, way, AUGMENTATIONS[name], seed=seed, epoch=0)
        found[f"{policy}, {name}"] = (plan, way)
    return found


def measurements(planned: dict[str, tuple[pd.DataFrame, Preprocessing]]) -> dict[str, Measurement]:
    """Everything to be measured, warmed up, after checking that both sides do the same work."""
    # The workers are forked before TensorFlow has threads of its own.
    loaders = {name: torch_loader(*pair, BATCH, workers=2) for name, pair in planned.items()}
    first = {name: list(itertools.islice(loader, 3)) for name, loader in loaders.items()}
    paths = [str(path) for path in next(iter(planned.values()))[0].path]
    found = {"decode, tf.data": bare_tensorflow(paths), "decode, OpenCV": bare_opencv(paths)}
    for name, pair in planned.items():
        ours = training_batches(*pair, batch_size=BATCH)
        # Not zero: TensorFlow's decoder interpolates chroma otherwise in a column at the edge
        # of a crop, where that falls on a block's edge.
        if difference(ours, first[name]) > 0.01:
            raise SystemExit(f"The two pipelines {name!r} do not give the same images.")
        found[f"{name}, ours"] = lambda ours=ours: steady(ours)
        found[f"{name}, DataLoader"] = lambda loader=loaders[name]: steady(loader)
    return found


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--data", type=Path, help="folder of real JPEG files to use instead")
    parser.add_argument("--files", type=int, default=500, help="number of files (default: 500)")
    parser.add_argument("--images", type=int, default=6400, help="images a measurement")
    parser.add_argument("--size", type=int, default=128, help="side of the crops in pixels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        examples = (
            find_photos(options.data, options.files)
            if options.data
            else write_photos(Path(folder), options.files, options.seed)
        )
        planned = plans(examples, options.size, options.images, options.seed)
        rates = interleave(measurements(planned), options.repeats, CLOCKS[options.clock])
    bare = best(rates, ["decode, tf.data", "decode, OpenCV"])
    lines = []
    for name in planned:
        lines.append(ratio_line(rates, f"{name}, ours", bare, target=0.8))
        lines.append(ratio_line(rates, f"{name}, ours", f"{name}, DataLoader", target=2))
    report(
        f"Input pipeline, {options.size} pixels, {options.clock} time", rates, lines, options.out
    )


if __name__ == "__main__":
    main()
