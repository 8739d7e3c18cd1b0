"""From files or images to logits: the one road that every score takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dfd_tf.data.decode import UnusableImage, read_image
from dfd_tf.data.preprocess import Preprocessing, too_small

Image = NDArray[np.uint8]
Change = Callable[[Image, str | Path], Image]

# Every call of the network sees this many squares, padded if need be: then a score depends on
# the image alone and not, in its last digits, on how many others were scored with it.
SQUARES_PER_CALL = 32
FILES_IN_MEMORY = 64


def score_images(
    model: Any, preprocessing: Preprocessing, images: Sequence[Image]
) -> NDArray[np.float64]:
    """Logits of RGB images, float64, shape (n,): the mean over each image's views.

    Args:
        model: Keras model from pixels in [0, 255] to one logit.
        preprocessing: how images become inputs.
        images: uint8 arrays of shape (height, width, 3), of any sizes.
    """
    if not len(images):
        return np.empty(0)
    squares = np.concatenate([preprocessing.views_of(image) for image in images])
    logits = np.concatenate(
        [
            _call(model, squares[i : i + SQUARES_PER_CALL])
            for i in range(0, len(squares), SQUARES_PER_CALL)
        ]
    )
    return logits.reshape(len(images), -1).mean(axis=1)


def score_files(
    model: Any,
    preprocessing: Preprocessing,
    paths: Iterable[str | Path],
    *,
    change: Change | None = None,
    progress: bool = False,
    description: str = "scoring",
) -> tuple[NDArray[np.float64], list[str]]:
    """Logits of image files, and for each file a reason where it could not be judged.

    A few dozen decoded images are in memory at a time, however many paths there are.

    Args:
        model: see `score_images`.
        preprocessing: see `score_images`.
        paths: of image files.
        change: what happens to the RGB image of a path before it is scored, such as a
            degradation; called from several threads.
        progress: whether to show a bar on stderr.
        description: what the bar says.

    Returns:
        logits: float64, shape (n,), NaN for a file without a judgement.
        reasons: n strings, "" for a judged file.
    """
    paths = list(paths)
    logits = np.full(len(paths), np.nan)
    reasons = [""] * len(paths)
    load = partial(_read, change=change)
    bar = tqdm(
        total=len(paths), desc=description, unit=" images", leave=False, disable=not progress
    )
    with ThreadPoolExecutor() as pool, bar:
        for start in range(0, len(paths), FILES_IN_MEMORY):
            read = list(pool.map(load, paths[start : start + FILES_IN_MEMORY]))
            good = [i for i, (image, _) in enumerate(read) if image is not None]
            images = [image for image, _ in read if image is not None]
            logits[[start + i for i in good]] = score_images(model, preprocessing, images)
            reasons[start : start + len(read)] = [reason for _, reason in read]
            bar.update(len(read))
    return logits, reasons


def _read(path: str | Path, change: Change | None) -> tuple[Image | None, str]:
    try:
        image = read_image(path)
    except UnusableImage as error:
        return None, error.reason
    if small := too_small(image):
        return None, small
    return change(image, path) if change else image, ""


def _call(model: Any, squares: Image) -> NDArray[np.float64]:
    n = len(squares)
    padded = np.zeros((SQUARES_PER_CALL, *squares.shape[1:]), dtype=np.float32)
    padded[:n] = squares
    return np.asarray(model.predict_on_batch(padded), dtype=np.float64)[:n, 0]


def expand_paths(paths: Iterable[str | Path]) -> list[Path]:
    """Files to judge: files as they are, folders as the sorted files below them."""
    files: list[Path] = []
    for path in map(Path, paths):
        files += (
            sorted(p for p in path.rglob("*") if _is_visible_file(p, path))
            if path.is_dir()
            else [path]
        )
    return files


def _is_visible_file(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return path.is_file() and not hidden
