"""Real images: to prove parity on, and to set the ranges of int8 by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.data.images.decode import UnusableImage, read_image
from dfd_tf.data.sets.examples import load_as_dealt, load_examples
from dfd_tf.demo import demo_dataset
from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError

FEWEST = 64
SEED = 0
N_FOR_RANGES = 200


@dataclass(frozen=True)
class Sample:
    """Image files with their classes.

    Attributes:
        paths: the files.
        labels: fake = 1, shape (n,).
        source: where they come from, in words.
    """

    paths: list[str]
    labels: NDArray[np.int64]
    source: str


def parity_sample(
    detector: Detector, data: Sequence[str], n: int, *, progress: bool = False
) -> Sample:
    """Images of both classes, half and half: test images first, then others.

    Args:
        detector: whose training dealt the splits.
        data: dataset folders; none for the demo dataset's test pictures, rendered if need be.
        n: how many.
        progress: show a progress bar where pictures are rendered.

    Raises:
        UserError: fewer than `FEWEST` images asked for or found.
    """
    if n < FEWEST:
        raise UserError(f"--images {n}: parity is proved on at least {FEWEST} images.")
    if data:
        examples = load_as_dealt(data, detector.info.data)
    elif detector.info.data.takes == "sound":
        raise UserError("parity is proved on recordings, and none come with dfd: give --data.")
    else:
        demo = demo_dataset(n_train=0, n_valid=0, n_test=n, seed=SEED, progress=progress)
        examples = load_examples([demo])
    chosen = _take(examples, "test", n)
    if len(chosen) < FEWEST:
        raise UserError(
            f"{', '.join(data)} has {len(chosen)} images that could be taken, half of each class; "
            f"parity is proved on at least {FEWEST}. Name a larger dataset with --data."
        )
    source = ", ".join(sorted(chosen.source.unique()))
    return Sample(list(chosen.path), chosen.label.to_numpy(), source)


def training_squares(detector: Detector, data: Sequence[str]) -> NDArray[np.uint8]:
    """Views of training images, uint8, (n, size, size, 3), n = `N_FOR_RANGES` images' views.

    Raises:
        UserError: no data were given, or none of the images can be decoded.
    """
    if not data:
        raise UserError("int8 and mixed go by real training images: give --data.")
    chosen = _take(load_as_dealt(data, detector.info.data), "train", N_FOR_RANGES)
    squares = [views for path in chosen.path if (views := _views(detector, path)) is not None]
    if not squares:
        raise UserError(f"no training image in {', '.join(data)} can be decoded.")
    return np.concatenate(squares)


def _views(detector: Detector, path: str) -> Any:
    try:
        return detector.preprocessing.views_of(read_image(path))
    except UnusableImage:
        return None


def _take(examples: pd.DataFrame, split: str, n: int) -> pd.DataFrame:
    """Choose n rows, half of each class, at random; those of `split` first."""
    shuffled = examples.sample(frac=1, random_state=SEED)
    ordered = shuffled.sort_values("split", key=lambda names: names != split, kind="stable")
    parts = [ordered[ordered.label == label] for label in (0, 1)]
    half = min(n // 2, *(len(part) for part in parts))
    return pd.concat([part.head(half) for part in parts])
