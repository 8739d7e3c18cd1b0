"""From files or images to logits: the one road that every score takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.reading import Change, Prepared, Reader, Source, read_ahead
from dfd_tf.faces.piece import Box, Cutter, whole
from dfd_tf.progress import progress_bar
from dfd_tf.types import Floats, Image, Scorer

# Every call of the network sees this many squares, padded if need be: then a score depends on
# the image alone and not, in its last digits, on how many others were scored with it.
SQUARES_PER_CALL = 32
SOURCES_PER_BLOCK = 64


class Scored(NamedTuple):
    """A piece after scoring: its source's name, its logit (NaN without a judgement), the rest."""

    path: str
    logit: float
    box: Box | None
    verdict: str
    reason: str


def score_images(model: Scorer, preprocessing: Preprocessing, images: Sequence[Image]) -> Floats:
    """Logits of RGB images, float64, shape (n,): the mean over each image's views.

    Args:
        model: makes logits of squares.
        preprocessing: how images become inputs.
        images: uint8 arrays of shape (height, width, 3), of any sizes.
    """
    return _mean_logits(model, [preprocessing.views_of(image) for image in images])


def score_squares(model: Scorer, squares: Image) -> Floats:
    """Logits, shape (n,), of inputs as they are, uint8, shape (n, size, size, 3), n > 0."""
    n = _squares_per_call(model)
    return np.concatenate([_call(model, squares[i : i + n], n) for i in range(0, len(squares), n)])


def score_files(
    model: Scorer,
    preprocessing: Preprocessing,
    paths: Iterable[str | Path],
    *,
    cut: Cutter = whole,
    change: Change | None = None,
    progress: bool = False,
    description: str = "scoring",
) -> tuple[Floats, list[str]]:
    """Logits of image files, and for each file a reason where it could not be judged.

    Args:
        model: makes logits of squares.
        preprocessing: how images become inputs.
        paths: of image files.
        cut: from a photo to what is judged of it; of several pieces the first counts.
        change: see `Reader`.
        progress: whether to say on stderr how far the work has come.
        description: what is then said to be done.

    Returns:
        logits: float64, shape (n,), NaN for a file without a judgement.
        reasons: n strings, "" for a judged file.
    """
    paths = list(paths)
    rows = []
    with progress_bar(len(paths), description, shown=progress) as bar:
        for scored in score_sources(model, preprocessing, paths, cut=cut, change=change):
            rows.append(scored[0])
            bar.update()
    return np.array([row.logit for row in rows]), [row.reason for row in rows]


def score_sources(
    model: Scorer,
    preprocessing: Preprocessing,
    sources: Iterable[Source],
    *,
    cut: Cutter = whole,
    change: Change | None = None,
) -> Iterator[list[Scored]]:
    """Score whatever is given, one after the other: the rows of each source, at least one.

    A few dozen sources are on their way at a time, however many there are.

    Args:
        model: makes logits of squares.
        preprocessing: how images become inputs.
        sources: paths, bytes or pixels.
        cut: from a photo to what is judged of it.
        change: see `Reader`.
    """
    size = SOURCES_PER_BLOCK if _squares_per_call(model) > 1 else 1
    reader = Reader(preprocessing, cut, change)
    prepared = read_ahead(reader, sources, ahead=2 * SOURCES_PER_BLOCK)
    while block := list(islice(prepared, size)):
        yield from score_prepared(model, block)


def score_prepared(model: Scorer, block: Sequence[Sequence[Prepared]]) -> Iterator[list[Scored]]:
    """Score sources of which a `Reader` has made pieces: the rows of each."""
    squares = [piece.squares for pieces in block for piece in pieces if piece.squares is not None]
    logits = iter(_mean_logits(model, squares).tolist())
    for pieces in block:
        yield [
            Scored(piece.name, np.nan if piece.squares is None else next(logits), *piece[2:])
            for piece in pieces
        ]


def _mean_logits(model: Scorer, squares: Sequence[Image]) -> Floats:
    """Logits of images of which all have as many views, (n,)."""
    if not squares:
        return np.empty(0)
    return score_squares(model, np.concatenate(squares)).reshape(len(squares), -1).mean(axis=1)


def _squares_per_call(model: Scorer) -> int:
    return getattr(model, "squares_per_call", SQUARES_PER_CALL)


def _call(model: Scorer, squares: Image, size: int) -> Floats:
    n = len(squares)
    padded = np.zeros((size, *squares.shape[1:]), dtype=np.float32)
    padded[:n] = squares
    return np.asarray(model.predict_on_batch(padded), dtype=np.float64)[:n, 0]
