"""Photos judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Model, files_in
from dfd_tf.api.detectors import load_detector
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import Detector, Faces

if TYPE_CHECKING:
    import pandas as pd


def predict(
    paths: str | Path | Sequence[str | Path],
    *,
    model: Model = DEFAULT_MODEL,
    faces: Faces = "auto",
    engine: Engine = "auto",
    progress: bool = False,
) -> pd.DataFrame:
    """Judge photos: one row a face.

    Args:
        paths: image or folder, or several.
        model: the detector.
        faces: "auto" finds faces and cuts them out where an image is not framed around one
            already; "whole" judges every image as it is; "detect" cuts always.
        engine: see `load_detector`.
        progress: show a progress bar.

    Returns:
        Table with path, score (calibrated P(fake), NaN without a judgement), verdict (real, fake,
        inconclusive, no face or error), reason, and left, top, width and height of the face in
        pixels, missing where the image was judged as it is.

    Raises:
        UserError: no such detector, no files, or see `Detector.judgements`.
    """
    files = list(files_in(paths))
    detector = model if isinstance(model, Detector) else load_detector(model, engine=engine)
    return detector.judge(files, faces=faces, progress=progress).drop(columns="logit")
