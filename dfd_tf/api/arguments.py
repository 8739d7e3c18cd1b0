"""What several functions take: a detector, datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from dfd_tf.backend import start_keras
from dfd_tf.data.sets.choices import Datasets
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.detectors.reading import expand_paths
from dfd_tf.errors import UserError

Model = str | Path | Detector  # bundle folder, run folder, shipped name, or loaded
# One dataset folder or several; `Datasets` says how to read those that are ambiguous.
Data = str | Path | Sequence[str | Path]


def detector_of(model: Model, start: Callable[[], None] = start_keras) -> Detector:
    """The detector on Keras, which is what measurements are made with.

    Args:
        model: what to load, unless it is loaded.
        start: what imports Keras; called once it is known that there is something to load.

    Raises:
        UserError: see `dfd_tf.load_detector`.
    """
    if isinstance(model, Detector):
        return model
    folder = find_bundle(model)
    start()
    return load_detector(folder, engine="keras")


def name_of(model: Model) -> str:
    """What a report calls a detector."""
    return model.info.name if isinstance(model, Detector) else str(model)


def roots_of(data: Data) -> Datasets:
    """The dataset folders, one by one."""
    if isinstance(data, Datasets):
        return data
    return Datasets([data] if isinstance(data, str | Path) else data)


def files_in(paths: str | Path | Iterable[str | Path]) -> Iterator[str]:
    """The files that paths stand for, one by one: folders are all files below them.

    Raises:
        UserError: there are none.
    """
    files = expand_paths([paths] if isinstance(paths, str | Path) else paths)
    first = next(files, None)
    if first is None:
        raise UserError("no files found: give images, folders that hold some, or a list of paths.")
    return chain([first], files)


def check_limit(limit: int | None) -> None:
    """Refuse a limit that leaves no image of each class.

    Raises:
        UserError: it is below 2.
    """
    if limit is not None and limit < 2:
        raise UserError(f"the limit is {limit}: expected at least 2, one image of each class.")
