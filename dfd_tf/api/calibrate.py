"""A detector's scores and thresholds fitted to other photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Data, roots_of
from dfd_tf.backend import start_keras
from dfd_tf.config import CalibrationConfig
from dfd_tf.detectors.detector import Faces
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter

if TYPE_CHECKING:
    from dfd_tf.calibration.choose_map import MapName

MAX_ERROR = CalibrationConfig().max_error


def calibrate(
    data: Data,
    out: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    map: MapName | Literal["keep"] = "auto",
    max_error: float = MAX_ERROR,
    faces: Faces = "auto",
    video: bool = False,
    split: Literal["valid", "valid_own"] = "valid",
    progress: bool = True,
) -> dict[str, Any]:
    """Fit a detector's scores and thresholds to other photos; its weights stay.

    They are set on the split valid and measured on the split test.

    Args:
        data: dataset folder, or several; what has no splits is dealt to them as in the detector's
            training.
        out: run folder for the bundle, metrics, plots and report; it must not hold a run.
        model: bundle folder, run folder or shipped name.
        map: from logits to probabilities; "auto" takes the best by cross-validation, "keep" lets
            the detector's scores be and sets only its thresholds anew.
        max_error: share of the verdicts that may be wrong, and of any source's fakes that may be
            called real, from 0 up to 1; the rest is inconclusive.
        faces: "auto" judges the largest face where a photo is not framed around one already;
            "whole" photos as they are; "detect" cuts always.
        video: the data are sets of videos, by which thresholds for videos are set, see
            `judge_video`; scores, and the thresholds for photos, stay as they are.
        split: to set them on; "valid_own" is the sets' own validation splits, which a training
            with `data.valid_from_train` leaves alone.
        progress: show progress bars.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: no such detector, the folder holds a run, or the data lack a split or class.
    """
    if not 0 <= max_error < 1:
        raise UserError(f"max_error is {max_error}: expected a share from 0 up to, not with, 1.")
    find_bundle(model)
    out = Path(out)
    if (out / "metrics.json").exists():
        raise UserError(f"{out} holds a run already; name another folder with --out.")
    if video:
        return _on_videos(data, out, model, max_error, progress)
    start_keras()
    from dfd_tf.training.recalibrate import recalibrate

    keep = map == "keep"
    chosen: MapName = "auto" if map == "keep" else map
    wanted = CalibrationConfig(map=chosen, max_error=max_error)
    reporter = Reporter(quiet=not progress)
    return recalibrate(
        model, roots_of(data), out, wanted, reporter, faces=faces, keep_scores=keep, split=split
    )


def _on_videos(
    data: Data, out: Path, model: str | Path, max_error: float, progress: bool
) -> dict[str, Any]:
    from dfd_tf.api.detectors import load_detector
    from dfd_tf.api.video import DEFAULT_RATE
    from dfd_tf.video.measure import calibrate_videos

    return calibrate_videos(
        load_detector(model),
        model,
        list(roots_of(data)),
        out,
        max_error=max_error,
        rate=DEFAULT_RATE,
        reporter=Reporter(quiet=not progress),
    )
