"""A detector in memory: scores, verdicts and judgements of images and files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dfd_tf import calibration
from dfd_tf.audio.hearing import Hearing
from dfd_tf.calibration import Calibration
from dfd_tf.calibration.novelty import OUTSIDE
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.detectors.reading import Source
from dfd_tf.detectors.scoring import (
    Scored,
    reader_for,
    score_images,
    score_prepared,
    score_sources,
)
from dfd_tf.errors import UserError
from dfd_tf.faces import Box, Cutter, FaceCutter, Framing, whole
from dfd_tf.progress import tracked
from dfd_tf.types import Floats, Image, Scorer

if TYPE_CHECKING:
    import keras
    import pandas as pd

Faces = Literal["auto", "whole", "detect"]
DEFAULT_FACES: Faces = "auto"

SMALL_FACE = "the face is too small: {width} pixels wide, at least {needed} are needed"


class Judgement(NamedTuple):
    """What is said of one file, or of one face in it.

    Attributes:
        path: as it was given.
        score: calibrated P(fake), NaN if there was nothing to judge.
        verdict: real, fake, inconclusive, no face or error.
        reason: for the last three, in words.
        logit: positive = fake.
        box: where the face is, if it was cut out of its photo.
        distances: from what the detector knows, see `calibration.novelty`; empty where that is not
            measured.
    """

    path: str
    score: float
    verdict: str
    reason: str
    logit: float
    box: Box | None = None
    distances: tuple[float, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """The same for JSON, in the one schema in which judgements are handed out."""
        return {
            "path": self.path,
            "score": self.rounded,
            "verdict": self.verdict,
            "reason": self.reason,
            "face": self.box and self.box._asdict(),
        }

    @property
    def note(self) -> str:
        """Where the face is, for people; empty where there is none."""
        if self.box is None:
            return ""
        return f"face of {self.box.width}x{self.box.height} at {tuple(self.box[:2])}"

    @property
    def rounded(self) -> float | None:
        """The score as it is written; None where there is none."""
        return None if math.isnan(self.score) else round(self.score, 6)


# The one schema of tables, whoever writes them.
COLUMNS = ("path", "score", "verdict", "reason", *Box._fields)
Judged = list[Judgement]  # the rows of one source


@dataclass(frozen=True)
class Detector:
    """A detector ready to judge.

    Attributes:
        model: makes logits of pixels in [0, 255], in float32: a Keras model, a `LiteModel` of the
            same network, or an `Ensemble`.
        info: content of detector.json.
        seen: hashes of the images that it was trained or calibrated on, see
            `data.sets.seen_files`.
    """

    model: Scorer
    info: DetectorInfo
    seen: frozenset[str] = frozenset()

    @property
    def network(self) -> keras.Model:
        """The Keras model.

        Raises:
            UserError: the detector is judged by another engine, or is an ensemble whose members
                look at images differently.
        """
        graph = getattr(self.model, "graph", None)
        model = graph() if graph else self.model
        if not hasattr(model, "layers"):
            raise UserError(
                f"{self.info.name} was loaded without its network. Load it where Keras is "
                'installed, by load_detector(..., engine="keras").'
            )
        return model

    @property
    def answering(self) -> keras.Model:
        """The Keras model of all that the detector's scorer says, (batch, 1) or (batch, 3).

        Raises:
            UserError: see `network`.
        """
        return getattr(self.model, "answering", None) or self.network

    @property
    def preprocessing(self) -> Preprocessing:
        """How images become inputs.

        Raises:
            UserError: it takes sound.
        """
        if isinstance(self.info.preprocessing, Hearing):
            raise UserError(
                f"{self.info.name} judges sound, not images: dfd audio --model {self.info.name} "
                "FILE. For images name another detector with --model."
            )
        return self.info.preprocessing

    @property
    def hearing(self) -> Hearing:
        """How sound becomes inputs.

        Raises:
            UserError: it takes images.
        """
        if isinstance(self.info.preprocessing, Preprocessing):
            raise UserError(
                f"{self.info.name} judges images, not sound. For sound name another "
                "detector, such as speech."
            )
        return self.info.preprocessing

    @property
    def calibration(self) -> Calibration:
        """Map, thresholds and band."""
        return self.info.calibration

    @property
    def framing(self) -> Framing | None:
        """How the training images showed faces; None where that is not known."""
        return self.info.framing

    @property
    def smallest_face(self) -> float:
        """Side in pixels of the smallest face in a photo that gets a verdict."""
        return self.info.smallest_face

    def score(self, images: Sequence[Image]) -> Floats:
        """Calibrated P(fake) of RGB images as they are, uint8, (height, width, 3): shape (n,)."""
        logits = score_images(self.model, self.preprocessing, images)
        return calibration.scores(logits, self.calibration)

    def judge(
        self,
        sources: Sequence[Source],
        *,
        faces: Faces = DEFAULT_FACES,
        progress: bool = False,
    ) -> pd.DataFrame:
        """Judge images: a table with a row a face, see `judgements`.

        Its columns are those of a `Judgement`; of the box left, top, width and height.
        """
        judged = self.judgements(sources, faces=faces)
        bar = tracked(judged, len(sources), "scoring", shown=progress)
        return _table([row for rows in bar for row in rows])

    def judge_main(
        self, sources: Sequence[Source], *, faces: Faces = DEFAULT_FACES, progress: bool = False
    ) -> pd.DataFrame:
        """Judge images by their largest face: the table of `judge` with one row an image."""
        judged = self.judgements(sources, faces=faces)
        bar = tracked(judged, len(sources), "scoring", shown=progress)
        return _table([rows[0] for rows in bar])

    def judgements(
        self,
        sources: Iterable[Source],
        *,
        faces: Faces = DEFAULT_FACES,
    ) -> Iterator[list[Judgement]]:
        """Judge images one after the other: the rows of each, as soon as they are there.

        Args:
            sources: paths, `NamedBytes` or `NamedImage`, in any number.
            faces: "whole": images as they are, one judgement each; "detect": every face in them;
                "auto": every face, but images as they are where they show one face as the
                training images did, or if these were no photos of faces.

        Raises:
            UserError: faces are wanted and the framing of the training images is not known, or
                the face finder is not installed.
        """
        cut = self.cutter(faces)
        return map(
            self._judged,
            score_sources(self.model, self.info.preprocessing, sources, cut=cut),
        )

    def judging(self, faces: Faces = DEFAULT_FACES) -> Callable[[Sequence[Source]], list[Judged]]:
        """What judges a few sources in the thread that calls it, as often as it is called.

        Where a program judges one photo now and one then, `judgements` would start its threads and
        its face finder anew for each. The rows are the same.

        Args:
            faces: see `judgements`.

        Raises:
            UserError: see `judgements`.
        """
        reader = reader_for(self.model, self.info.preprocessing, self.cutter(faces))

        def judge(sources: Sequence[Source]) -> list[Judged]:
            block = [reader(source) for source in sources]
            return [self._judged(rows) for rows in score_prepared(self.model, block)]

        return judge

    def cutter(self, faces: Faces) -> Cutter:
        """What makes the pieces of a photo that are judged.

        Raises:
            UserError: see `judgements`.
        """
        if self.mode(faces) == "whole":
            return whole
        if self.framing is None:
            raise UserError(
                "this detector does not know how its training images showed faces, so none can be "
                "cut out for it. Judge whole images with --faces whole, or train it anew."
            )
        return FaceCutter(self.framing, always=faces == "detect")

    def mode(self, faces: Faces) -> Faces:
        """What a wish comes to: nothing is cut for a detector that never saw framed faces."""
        return "whole" if faces == "auto" and self.framing is None else faces

    def verdicts(self, answers: Floats) -> list[str]:
        """Verdicts of whole images by what the scorer answers, (n, 1) or (n, 3)."""
        scores = calibration.scores(answers[:, 0], self.calibration)
        given = calibration.verdicts(scores, self.calibration)
        return [
            "inconclusive" if self._is_new(verdict, distances) else verdict
            for verdict, distances in zip(given, answers[:, 1:].tolist(), strict=True)
        ]

    def _is_new(self, verdict: str, distances: Sequence[float]) -> bool:
        novelty = self.info.novelty
        return bool(novelty and distances and novelty.is_new(verdict, distances))

    def _judged(self, rows: Sequence[Scored]) -> list[Judgement]:
        scores = calibration.scores([row.logit for row in rows], self.calibration)
        verdicts = calibration.verdicts(scores, self.calibration)
        return [
            Judgement(
                row.path,
                score,
                *self._verdict(row, score, verdict),
                row.logit,
                row.box,
                row.distances,
            )
            for row, score, verdict in zip(rows, scores.tolist(), verdicts, strict=True)
        ]

    def _verdict(self, row: Scored, score: float, verdict: str) -> tuple[str, str]:
        """Verdict and reason of a scored piece."""
        if row.verdict:
            return row.verdict, row.reason
        if row.box and max(row.box.width, row.box.height) < self.smallest_face:
            needed = f"{self.smallest_face:.0f}"
            return "inconclusive", SMALL_FACE.format(width=row.box.width, needed=needed)
        if self._is_new(verdict, row.distances):
            return "inconclusive", OUTSIDE
        return verdict, calibration.reason_for(score, self.calibration)


def _table(rows: Sequence[Judgement]) -> pd.DataFrame:
    import pandas as pd  # the light predictor does without

    columns = {
        name: [getattr(row, name) for row in rows]
        for name in ("score", "verdict", "reason", "logit")
    }
    # Names that are no UTF-8 fit no string dtype.
    paths = pd.Series([row.path for row in rows], dtype=object)
    sides = [row.box or [None] * len(Box._fields) for row in rows]
    boxes = pd.DataFrame(sides, columns=Box._fields, dtype="Int64")
    return pd.concat([pd.DataFrame({"path": paths, **columns}), boxes], axis=1)
