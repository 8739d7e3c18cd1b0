"""A detector in memory: scores, verdicts and judgements of images and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf import calibration
from dfd_tf.calibration import Calibration
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.scoring import Box, Cutter, score_images, score_pieces, whole
from dfd_tf.errors import UserError
from dfd_tf.faces import FaceCutter, Framing

if TYPE_CHECKING:
    import pandas as pd

Faces = Literal["whole", "auto", "detect"]


class Judgement(NamedTuple):
    """What is said of one file, or of one face in it.

    Attributes:
        path: as it was given.
        score: calibrated P(fake), NaN if there was nothing to judge.
        verdict: real, fake, inconclusive, no face or error.
        reason: for the last three, in words.
        logit: positive = fake.
        box: where the face is, if it was cut out of its photo.
    """

    path: str
    score: float
    verdict: str
    reason: str
    logit: float
    box: Box | None = None


@dataclass(frozen=True)
class Detector:
    """A detector ready to judge.

    Attributes:
        model: Keras model from pixels in [0, 255] to one logit, in float32; or a `LiteModel`
            of the same network.
        info: content of detector.json.
    """

    model: Any
    info: dict[str, Any]

    @cached_property
    def preprocessing(self) -> Preprocessing:
        """How images become inputs."""
        return Preprocessing(**self.info["preprocessing"])

    @cached_property
    def calibration(self) -> Calibration:
        """Temperature and thresholds."""
        return Calibration.from_dict(self.info["calibration"])

    def score(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Calibrated P(fake) of RGB images, uint8, shape (height, width, 3): shape (n,)."""
        logits = score_images(self.model, self.preprocessing, images)
        return calibration.scores(logits, self.calibration)

    @cached_property
    def framing(self) -> Framing | None:
        """How the training images showed faces; None where that is not known."""
        stored = self.info.get("framing")
        return Framing(**stored) if stored else None

    def judge(self, paths: Sequence[str | Path], *, progress: bool = False) -> pd.DataFrame:
        """Judge whole image files: a table with one row a path and `Judgement`'s columns."""
        import pandas as pd  # the light predictor does without

        rows = self.judgements(paths, progress=progress)
        columns = {
            name: [getattr(row, name) for row in rows]
            for name in ("score", "verdict", "reason", "logit")
        }
        # Names that are no UTF-8 fit no string dtype.
        return pd.DataFrame({"path": pd.Series([r.path for r in rows], dtype=object), **columns})

    def judgements(
        self, paths: Sequence[str | Path], *, faces: Faces = "whole", progress: bool = False
    ) -> list[Judgement]:
        """Judge image files, in order.

        Args:
            paths: the files.
            faces: "whole": images as they are, one judgement each; "detect": every face in them;
                "auto": every face, but images as they are where they show one face as the
                training images did, or if these were no photos of faces.
            progress: show a progress bar.

        Raises:
            UserError: faces are wanted and the framing of the training images is not known, or
                the face finder is not installed.
        """
        scored = score_pieces(
            self.model, self.preprocessing, paths, cut=self._cutter(faces), progress=progress
        )
        scores = calibration.scores([row.logit for row in scored], self.calibration)
        verdicts = calibration.verdicts(scores, self.calibration)
        return [
            Judgement(
                row.path,
                score,
                row.verdict or verdict,
                row.reason or calibration.reason_for(score, self.calibration),
                row.logit,
                row.box,
            )
            for row, score, verdict in zip(scored, scores.tolist(), verdicts, strict=True)
        ]

    def _cutter(self, faces: Faces) -> Cutter:
        if faces == "whole" or (faces == "auto" and self.framing is None):
            return whole
        if self.framing is None:
            raise UserError(
                "this detector does not know how its training images showed faces, so none can be "
                "cut out for it. Judge whole images with --faces whole, or train it anew."
            )
        return FaceCutter(self.framing, always=faces == "detect")
