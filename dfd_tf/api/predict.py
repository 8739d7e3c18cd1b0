"""Photos judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Model
from dfd_tf.api.detectors import load_detector
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_BOX = ("left", "top", "width", "height")


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
    import pandas as pd

    files = files_in(paths)
    detector = model if isinstance(model, Detector) else load_detector(model, engine=engine)
    judged = detector.judgements(files, faces=faces, progress=progress)
    # Names that are no UTF-8 fit no string dtype.
    path = pd.Series([row.path for row in judged], dtype=object)
    rest = [(row.score, row.verdict, row.reason, *(row.box or [None] * 4)) for row in judged]
    table = pd.DataFrame(rest, columns=["score", "verdict", "reason", *_BOX])
    table.insert(0, "path", path)
    return table.astype(dict.fromkeys(_BOX, "Int64"))


def files_in(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """The files that paths stand for: files as they are, folders as all files below them.

    Raises:
        UserError: there are none.
    """
    from dfd_tf.detectors.scoring import expand_paths

    given = [paths] if isinstance(paths, str | Path) else list(paths)
    files = expand_paths(given)
    if not files:
        raise UserError(f"no files found in {', '.join(map(str, given)) or 'an empty list'}.")
    return files
