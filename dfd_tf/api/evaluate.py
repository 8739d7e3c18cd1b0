"""A detector measured on a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Data, Model, detector_of, name_of, roots_of

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector, Faces
    from dfd_tf.evaluation.beside import Beside
    from dfd_tf.types import Image


def evaluate(
    data: Data,
    out: str | Path | None = None,
    *,
    model: Model = DEFAULT_MODEL,
    split: str = "test",
    faces: Faces = "auto",
    maps: bool = False,
    robustness: str | Path | None = None,
    audit: str | Path | None = None,
    video: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Measure a detector: metrics with 95 % intervals, predictions, plots, a report.

    Args:
        data: dataset folder, or several. What has no splits is dealt to them as in the detector's
            training, so that its test images are those that it has never seen.
        out: folder for the results; None writes nothing.
        model: the detector.
        split: train, valid, valid_own, test or all.
        faces: "auto" judges the largest face where a photo is not framed around one already;
            "whole" photos as they are; "detect" cuts always.
        maps: show maps of the worst mistakes on the page; needs the extra "explain".
        robustness: folder that `robustness` wrote, to be shown on the page.
        audit: folder that `audit` wrote, to be shown on the page.
        video: the data are sets of videos, each judged as a whole, see `judge_video`; `faces` and
            what is shown beside are then of no use.
        progress: show a progress bar.

    Returns:
        Content of metrics.json: AUC, accuracy and the like with their intervals, and the counts.

    Raises:
        UserError: no such detector, data or split; or a folder without what it should hold.
    """
    if video:
        return _of_videos(data, out, model, split, progress)
    detector = detector_of(model)
    from dfd_tf.evaluation.evaluate import evaluate_detector, judge_examples, load_split, measure

    roots = roots_of(data)
    examples = load_split(detector, roots, split)
    if out is None:
        predictions = judge_examples(detector, examples, faces=faces, progress=progress)
        return measure(predictions, detector.calibration.threshold) | {
            "faces": detector.mode(faces)
        }
    return evaluate_detector(
        detector,
        examples,
        Path(out),
        _provenance(detector, name_of(model), list(roots), split) | {"faces": detector.mode(faces)},
        faces=faces,
        beside=_beside(detector, faces, maps, robustness, audit),
        progress=progress,
    )


def _of_videos(
    data: Data, out: str | Path | None, model: Model, split: str, progress: bool
) -> dict[str, Any]:
    from dfd_tf.api.detectors import load_detector
    from dfd_tf.api.video import DEFAULT_RATE
    from dfd_tf.detectors.detector import Detector
    from dfd_tf.reporter import Reporter
    from dfd_tf.video.measure import evaluate_videos

    detector = model if isinstance(model, Detector) else load_detector(model)
    return evaluate_videos(
        detector,
        list(roots_of(data)),
        None if out is None else Path(out),
        split=split,
        rate=DEFAULT_RATE,
        reporter=Reporter(quiet=not progress),
    )


def _provenance(detector: Detector, name: str, roots: list[str], split: str) -> dict[str, Any]:
    from dfd_tf import environment
    from dfd_tf.calibration import UNCALIBRATED

    known = environment.describe() | {"model": name, "data": roots, "split": split}
    return known if detector.calibration.calibrated else known | {"scores": UNCALIBRATED}


def _beside(
    detector: Detector,
    faces: Faces,
    maps: bool,
    robustness: str | Path | None,
    audit: str | Path | None,
) -> Beside:
    from dfd_tf.evaluation.beside import Beside, MapOf, read_audit, read_robustness

    threshold = detector.calibration.threshold
    map_of: MapOf | None = None
    if maps:
        # Without tf-keras-vis the command line says which extra to install.
        from dfd_tf.explaining.heat import Explainer
        from dfd_tf.faces.piece import main_piece

        explainer, cut = Explainer(detector), detector.cutter(faces)

        def map_of(image: Image, score: float) -> Image:
            return explainer.overlay(main_piece(cut, image), score)

    return Beside(
        map_of=map_of,
        robustness=None if robustness is None else read_robustness(Path(robustness), threshold),
        audit=None if audit is None else read_audit(Path(audit)),
    )
