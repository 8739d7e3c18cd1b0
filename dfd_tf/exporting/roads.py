"""The exported files called as their users call them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dfd_tf.data.images.decode import UnusableImage, read_bytes
from dfd_tf.detectors.detector import Detector, Judgement
from dfd_tf.exporting.saved_model import FROM_BYTES, FROM_PIXELS
from dfd_tf.lite import LiteModel
from dfd_tf.progress import tracked

FILES_PER_CALL = 16
CALLS = 30


class PixelsSignature:
    """The signature `pixels` with the call of a Keras model, for `dfd_tf.detectors.scoring`."""

    squares_per_call = 32

    def __init__(self, loaded: Any) -> None:
        self._run = loaded.signatures[FROM_PIXELS]

    def predict_on_batch(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits, shape (n, 1)."""
        return np.asarray(self._run(pixels=tf.constant(squares))["logit"])[:, None]


def saved_model_roads(
    detector: Detector, folder: Path, paths: Sequence[str], *, progress: bool = False
) -> dict[str, list[Judgement]]:
    """Judgements of image files by both signatures of a SavedModel."""
    loaded = tf.saved_model.load(str(folder))
    by_pixels = Detector(PixelsSignature(loaded), detector.info)
    return {
        "SavedModel bytes": judge_bytes(loaded, paths),
        "SavedModel pixels": judge_whole(by_pixels, paths, progress=progress),
    }


def judge_whole(
    detector: Detector, paths: Sequence[str], *, progress: bool = False
) -> list[Judgement]:
    """Judgements of image files as they are, which is all that an export can do."""
    judged = detector.judgements(paths, faces="whole")
    return [row for rows in tracked(judged, len(paths), "scoring", shown=progress) for row in rows]


def judge_bytes(loaded: Any, paths: Sequence[str]) -> list[Judgement]:
    """Judgements of image files by the signature that takes their bytes."""
    run, rows = loaded.signatures[FROM_BYTES], []
    for start in range(0, len(paths), FILES_PER_CALL):
        part = paths[start : start + FILES_PER_CALL]
        said = run(image_bytes=tf.constant([_bytes(path) for path in part]))
        columns = [said[name].numpy().tolist() for name in ("score", "verdict", "reason", "logit")]
        for path, score, verdict, reason, logit in zip(part, *columns, strict=True):
            rows.append(Judgement(path, score, verdict.decode(), reason.decode(), logit))
    return rows


def _bytes(path: str) -> bytes:
    try:
        return read_bytes(path)
    except UnusableImage:
        return b""


def lite_road(
    detector: Detector, content: bytes, paths: Sequence[str], *, progress: bool = False
) -> dict[str, list[Judgement]]:
    """Judgements of image files by a LiteRT file."""
    light = Detector(LiteModel(content), detector.info)
    return {"LiteRT": judge_whole(light, paths, progress=progress)}


def lite_latency(content: bytes, shape: tuple[int, ...]) -> dict[str, float]:
    """Median milliseconds of one input of a shape, by number of threads."""
    square = np.random.default_rng(0).uniform(0, 1, (1, *shape)).astype(np.float32)
    run = {f"threads: {n}": LiteModel(content, n).predict_on_batch for n in (1, 2)}
    return {name: _median_ms(partial(call, square)) for name, call in run.items()}


def saved_model_latency(folder: Path, path: str) -> dict[str, float]:
    """Median milliseconds of one image file."""
    run = tf.saved_model.load(str(folder)).signatures[FROM_BYTES]
    image = tf.constant([_bytes(path)])
    return {"bytes of one image": _median_ms(lambda: run(image_bytes=image)["score"].numpy())}


def _median_ms(call: Callable[[], Any]) -> float:
    call()
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times), 2)
