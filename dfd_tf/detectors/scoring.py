"""From files or images to logits: the one road that every score takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dfd_tf.audio.hearing import Hearing
from dfd_tf.audio.reading import Samples
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.ensemble import Ensemble
from dfd_tf.detectors.listening import Listener
from dfd_tf.detectors.reading import Change, Prepared, Reader, Source, read_ahead
from dfd_tf.detectors.views import Seeing, Squares, squares_of
from dfd_tf.faces.piece import Box, Cutter, Piece, whole
from dfd_tf.progress import progress_bar
from dfd_tf.types import Floats, Image, Scorer

# Every call of the network sees this many squares, padded if need be: then a score depends on
# the image alone and not, in its last digits, on how many others were scored with it.
SQUARES_PER_CALL = 32
SOURCES_PER_BLOCK = 64


class Scored(NamedTuple):
    """A piece after scoring.

    Attributes:
        path: name of its source.
        logit: NaN without a judgement.
        distances: from what the detector knows, see `calibration.novelty`; empty where that is not
            measured.
        box: the face's, where it was cut out around one.
        verdict: in place of a judgement.
        reason: for that verdict.
    """

    path: str
    logit: float
    distances: tuple[float, ...]
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
    seeing = _seeing(model, preprocessing)
    squares = [squares_of(seeing, Piece(image), lambda image: image) for image in images]
    return _mean_answers(model, squares)[:, 0]


def score_squares(model: Scorer, squares: Image | Samples) -> Floats:
    """Logits, (n,), of n > 0 inputs as they are: uint8 (n, size, size, 3), or windows (n, size)."""
    return answers_of_squares(model, squares)[:, 0]


def answers_of_squares(model: Scorer, squares: Image | Samples) -> Floats:
    """What a model says of inputs as they are, see `score_squares`: shape (n, 1) or (n, 3)."""
    n = _squares_per_call(model)
    return np.concatenate([_call(model, squares[i : i + n], n) for i in range(0, len(squares), n)])


def score_files(
    model: Scorer,
    preprocessing: Preprocessing | Hearing,
    paths: Iterable[str | Path],
    *,
    cut: Cutter = whole,
    change: Change | None = None,
    progress: bool = False,
    description: str = "scoring",
) -> tuple[Floats, list[str]]:
    """Logits of files, and for each file a reason where it could not be judged.

    The arguments are those of `answers_of_files`.

    Returns:
        logits: float64, shape (n,), NaN for a file without a judgement.
        reasons: n strings, "" for a judged file.
    """
    answers, reasons = answers_of_files(
        model,
        preprocessing,
        paths,
        cut=cut,
        change=change,
        progress=progress,
        description=description,
    )
    return answers[:, 0], reasons


def answers_of_files(
    model: Scorer,
    preprocessing: Preprocessing | Hearing,
    paths: Iterable[str | Path],
    *,
    cut: Cutter = whole,
    change: Change | None = None,
    progress: bool = False,
    description: str = "scoring",
) -> tuple[Floats, list[str]]:
    """Logits of files and, where the model measures them, distances.

    Args:
        model: makes logits of squares.
        preprocessing: how images, or sound, become inputs.
        paths: of files.
        cut: from a photo to what is judged of it; of several pieces the first counts.
        change: see `Reader`.
        progress: whether to say on stderr how far the work has come.
        description: what is then said to be done.

    Returns:
        answers: float64, shape (n, 1) or (n, 3), see `types.Scorer`; NaN for a file without a
            judgement.
        reasons: n strings, "" for a judged file.
    """
    paths = list(paths)
    rows = []
    with progress_bar(len(paths), description, shown=progress) as bar:
        for scored in score_sources(model, preprocessing, paths, cut=cut, change=change):
            rows.append(scored[0])
            bar.update()
    width = max((len(row.distances) for row in rows), default=0)
    answers = [(row.logit, *(row.distances or [np.nan] * width)) for row in rows]
    return np.array(answers).reshape(len(rows), 1 + width), [row.reason for row in rows]


def score_sources(
    model: Scorer,
    preprocessing: Preprocessing | Hearing,
    sources: Iterable[Source],
    *,
    cut: Cutter = whole,
    change: Change | None = None,
) -> Iterator[list[Scored]]:
    """Score whatever is given, one after the other: the rows of each source, at least one.

    A few dozen sources are on their way at a time, however many there are.

    Args:
        model: makes logits of squares.
        preprocessing: how images, or sound, become inputs.
        sources: paths, bytes or pixels.
        cut: from a photo to what is judged of it.
        change: see `Reader`.
    """
    reader = reader_for(model, preprocessing, cut, change)
    if _squares_per_call(model) == 1:  # nothing is gained by waiting for others

        def score(source: Source) -> list[Scored]:
            return next(score_prepared(model, [reader(source)]))

        yield from read_ahead(score, sources, ahead=2 * SOURCES_PER_BLOCK)
        return
    prepared = read_ahead(reader, sources, ahead=2 * SOURCES_PER_BLOCK)
    while block := list(islice(prepared, SOURCES_PER_BLOCK)):
        yield from score_prepared(model, block)


def score_prepared(model: Scorer, block: Sequence[Sequence[Prepared]]) -> Iterator[list[Scored]]:
    """Score sources of which a `Reader` has made pieces: the rows of each."""
    squares = [piece.squares for pieces in block for piece in pieces if piece.squares is not None]
    answers = iter(_mean_answers(model, squares).tolist())
    for pieces in block:
        yield [
            _scored(piece, [np.nan] if piece.squares is None else next(answers)) for piece in pieces
        ]


def reader_for(
    model: Scorer, preprocessing: Preprocessing | Hearing, cut: Cutter, change: Change | None = None
) -> Reader | Listener:
    """What prepares sources for `score_prepared`; the arguments are those of `score_sources`."""
    if isinstance(preprocessing, Hearing):
        return Listener(preprocessing, change)
    return Reader(_seeing(model, preprocessing), cut, change)


def _scored(piece: Prepared, answer: Sequence[float]) -> Scored:
    logit, *distances = answer
    return Scored(piece.name, logit, tuple(distances), piece.box, piece.verdict, piece.reason)


def _seeing(model: Scorer, preprocessing: Preprocessing) -> Seeing:
    """The members of an ensemble bring their own ways of looking."""
    return model.views if isinstance(model, Ensemble) else preprocessing


def _mean_answers(model: Scorer, squares: Sequence[Squares]) -> Floats:
    """Of each image, or recording, the mean over its views: (n, answers)."""
    if not squares:
        return np.empty((0, 1))
    if isinstance(model, Ensemble):
        by_member = zip(model.members, zip(*squares, strict=True), strict=True)
        return model.joined([_mean_answers(member, seen) for member, seen in by_member])
    joined: Any = np.concatenate(squares)
    answers = answers_of_squares(model, joined)
    ends = np.cumsum([len(views) for views in squares])
    return np.stack([views.mean(axis=0) for views in np.split(answers, ends[:-1])])


def _squares_per_call(model: Scorer) -> int:
    if isinstance(model, Ensemble):
        return max(map(_squares_per_call, model.members))
    return getattr(model, "squares_per_call", SQUARES_PER_CALL)


def _call(model: Scorer, squares: Image | Samples, size: int) -> Floats:
    n = len(squares)
    padded = np.zeros((size, *squares.shape[1:]), dtype=np.float32)
    padded[:n] = squares
    return np.asarray(model.predict_on_batch(padded), dtype=np.float64)[:n]
