"""From files or images to logits: the one road that every score takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.images.decode import UnusableImage, read_image
from dfd_tf.data.preprocess import Preprocessing, too_small
from dfd_tf.progress import progress_bar
from dfd_tf.types import Image

Change = Callable[[Image, str | Path], Image]
PathLike = TypeVar("PathLike", str, Path, str | Path)
Loaded = TypeVar("Loaded")

# Every call of the network sees this many squares, padded if need be: then a score depends on
# the image alone and not, in its last digits, on how many others were scored with it.
SQUARES_PER_CALL = 32
FILES_IN_MEMORY = 64


class Box(NamedTuple):
    """Where a face is in its photo, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Piece(NamedTuple):
    """What is judged of a photo, or why nothing is.

    Attributes:
        image: RGB pixels; None if there is nothing to judge.
        box: the face's, where the piece was cut out around one.
        verdict: in place of a judgement, where there is no image.
        reason: for that verdict.
    """

    image: Image | None
    box: Box | None = None
    verdict: str = ""
    reason: str = ""


class Scored(NamedTuple):
    """A piece after scoring: its file, logit (NaN without a judgement) and the rest of it."""

    path: str
    logit: float
    box: Box | None
    verdict: str
    reason: str


Cutter = Callable[[Image], Sequence[Piece]]


def whole(image: Image) -> Sequence[Piece]:
    """A photo as one piece."""
    return [Piece(image)]


def score_images(
    model: Any, preprocessing: Preprocessing, images: Sequence[Image]
) -> NDArray[np.float64]:
    """Logits of RGB images, float64, shape (n,): the mean over each image's views.

    Args:
        model: Keras model from pixels in [0, 255] to one logit, or another engine with the call
            `predict_on_batch` and the attribute `squares_per_call`.
        preprocessing: how images become inputs.
        images: uint8 arrays of shape (height, width, 3), of any sizes.
    """
    if not len(images):
        return np.empty(0)
    squares = np.concatenate([preprocessing.views_of(image) for image in images])
    return score_squares(model, squares).reshape(len(images), -1).mean(axis=1)


def score_squares(model: Any, squares: Image) -> NDArray[np.float64]:
    """Logits, shape (n,), of inputs as they are, uint8, shape (n, size, size, 3), n > 0."""
    n = getattr(model, "squares_per_call", SQUARES_PER_CALL)
    return np.concatenate([_call(model, squares[i : i + n], n) for i in range(0, len(squares), n)])


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
    scored = score_pieces(
        model,
        preprocessing,
        paths,
        change=change,
        progress=progress,
        description=description,
    )
    return np.array([row.logit for row in scored]), [row.reason for row in scored]


def score_pieces(
    model: Any,
    preprocessing: Preprocessing,
    paths: Iterable[str | Path],
    *,
    change: Change | None = None,
    cut: Cutter = whole,
    progress: bool = False,
    description: str = "scoring",
) -> list[Scored]:
    """Score the pieces that `cut` makes of image files: at least one row a file, in order.

    A few dozen decoded images are in memory at a time, however many paths there are. The other
    arguments are those of `score_files`.
    """
    paths = list(paths)
    scored: list[Scored] = []
    load = partial(_read, change=change)
    with progress_bar(len(paths), description, shown=progress) as bar:
        for block in by_block(load, paths):
            pieces = [
                (str(path), _checked(piece))
                for path, image in block
                for piece in ([image] if isinstance(image, Piece) else cut(image))
            ]
            scored += _score(model, preprocessing, pieces)
            bar.update(len(block))
    return scored


def by_block(
    load: Callable[[PathLike], Loaded], paths: Sequence[PathLike]
) -> Iterator[list[tuple[PathLike, Loaded]]]:
    """Load files by threads, a few dozen at a time: paths with what was made of them, in order."""
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(paths), FILES_IN_MEMORY):
            some = paths[start : start + FILES_IN_MEMORY]
            yield list(zip(some, pool.map(load, some), strict=True))


def _read(path: str | Path, change: Change | None) -> Image | Piece:
    try:
        image = read_image(path)
    except UnusableImage as error:
        return Piece(None, verdict="error", reason=error.reason)
    return change(image, path) if change and not too_small(image) else image


def _checked(piece: Piece) -> Piece:
    small = None if piece.image is None else too_small(piece.image)
    return Piece(None, piece.box, "error", small) if small else piece


def _score(
    model: Any, preprocessing: Preprocessing, pieces: Sequence[tuple[str, Piece]]
) -> list[Scored]:
    images = [piece.image for _, piece in pieces if piece.image is not None]
    logits = iter(score_images(model, preprocessing, images))
    return [
        Scored(path, np.nan if piece.image is None else float(next(logits)), *piece[1:])
        for path, piece in pieces
    ]


def _call(model: Any, squares: Image, size: int) -> NDArray[np.float64]:
    n = len(squares)
    padded = np.zeros((size, *squares.shape[1:]), dtype=np.float32)
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
