"""A detector under compression, blur, resizing, noise and social media."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Data, Model, check_limit, detector_of, name_of, roots_of

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Faces


def robustness(
    data: Data,
    out: str | Path,
    *,
    model: Model = DEFAULT_MODEL,
    split: str = "test",
    limit: int | None = None,
    faces: Faces = "auto",
    progress: bool = True,
) -> dict[str, Any]:
    """Measure how a detector survives what happens to photos on their way.

    The scores of a finished step are kept in `out`; called again, it goes on where it was
    interrupted.

    Args:
        data: dataset folder, or several, as for `evaluate`.
        out: folder for robustness.json, the table, plots and report.html.
        model: the detector.
        split: as for `evaluate`.
        limit: at most so many images, evenly drawn; 2 or more.
        faces: "auto" judges the largest face where a photo is not framed around one already;
            "whole" photos as they are; "detect" cuts always.
        progress: show progress bars.

    Returns:
        Content of robustness.json, see `dfd_tf.evaluation.robustness.measure.measure_robustness`.

    Raises:
        UserError: no such detector, data or split, or too low a limit.
    """
    check_limit(limit)
    detector = detector_of(model)
    from dfd_tf import environment
    from dfd_tf.evaluation.evaluate import load_split
    from dfd_tf.evaluation.robustness.measure import limited, measure_robustness
    from dfd_tf.evaluation.robustness.report import write_robustness

    out, roots = Path(out), roots_of(data)
    examples = limited(load_split(detector, roots, split), limit)
    result = measure_robustness(detector, examples, out / "steps", faces=faces, progress=progress)
    asked = {
        "model": name_of(model),
        "data": list(roots),
        "split": split,
        "limit": limit or "none",
        "faces": detector.mode(faces),
    }
    write_robustness(out, result, environment.describe() | asked)
    return result
