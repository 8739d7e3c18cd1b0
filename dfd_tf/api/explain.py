"""Where a detector looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Model, detector_of, files_in
from dfd_tf.backend import start_tensorflow

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Faces
    from dfd_tf.explaining.write import Summary


def explain(
    paths: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    model: Model = DEFAULT_MODEL,
    method: str = "gradcam",
    faces: Faces = "auto",
    progress: bool = True,
) -> Summary:
    """Draw where a detector looked, with checks of what the maps are worth.

    Args:
        paths: image or folder, or several.
        out: folder for the pictures, the heat as 16-bit PNG, contact sheets and explain.csv. Where
            the same work was interrupted there, it goes on.
        model: the detector, on TensorFlow.
        method: gradcam, gradcam++, scorecam, layercam or smoothgrad.
        faces: "auto" explains the largest face where a photo is not framed around one already;
            "whole" photos as they are; "detect" cuts always.
        progress: show progress bars.

    Returns:
        How many files were explained, could not be judged, and have maps that failed a check.

    Raises:
        UserError: no such detector, no files, or Keras does not compute with TensorFlow.
    """
    files = list(files_in(paths))
    detector = detector_of(model, start_tensorflow)
    from dfd_tf.explaining.write import explain_files

    return explain_files(detector, files, Path(out), method, faces=faces, progress=progress)
