"""A detector measured on sets of videos, and its thresholds set on them."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf import environment
from dfd_tf.calibration import FALSE_POSITIVE_RATES, Calibration, Threshold, scores
from dfd_tf.calibration.fit import fit_limits
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import Counts, VideoLimits, write_info
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.evaluation.evaluate import measure
from dfd_tf.evaluation.results import write_evaluation
from dfd_tf.progress import tracked
from dfd_tf.reporter import Reporter
from dfd_tf.types import FAKE, REAL
from dfd_tf.video.judge import judge_video, thresholds_of
from dfd_tf.video.sets.reading import read_videos, split_of_videos

Predictions = pd.DataFrame
TITLE = "How far can this detector be trusted with videos?"


def evaluate_videos(
    detector: Detector,
    data: Sequence[str],
    out: Path | None,
    *,
    split: str,
    rate: float,
    reporter: Reporter,
) -> dict[str, Any]:
    """Judge the videos of a split: metrics with intervals by group, predictions, plots, a report.

    Args:
        detector: at its thresholds for videos; where it has none, at those for photos.
        data: folders of videos.
        out: folder for the results; None writes nothing.
        split: train, valid, test or all.
        rate: frames a second to look at.
        reporter: shows how far it has come.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: no such data or split, or no video can be judged.
    """
    videos = split_of_videos(read_videos(data, seed=detector.info.data.seed), split)
    predictions = judge_all(detector, videos, rate, reporter)
    return _measured(detector, predictions, out, {"data": list(data), "split": split, "rate": rate})


def calibrate_videos(
    detector: Detector,
    where: str | Path,
    data: Sequence[str],
    out: Path,
    *,
    max_error: float,
    rate: float,
    reporter: Reporter,
) -> dict[str, Any]:
    """Set thresholds for videos on the split valid, and measure them on the split test.

    They are set on what decides on a video, the statistic of its most suspicious person, so that
    they keep their rate of false alarms in videos of as many people as those have. Scores of
    photos, their thresholds and the weights stay as they are.

    Args:
        detector: whose.
        where: its bundle or run folder, or shipped name.
        data: folders of videos; what has no splits is dealt to them.
        out: run folder for the bundle and what was measured.
        max_error: share of the verdicts that may be wrong; the rest is inconclusive.
        rate: frames a second to look at.
        reporter: shows how far it has come.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: no such data, or a split without judged videos of both classes.
    """
    videos = read_videos(data, seed=detector.info.data.seed)
    tests = split_of_videos(videos, "test")
    valid = judge_all(detector, split_of_videos(videos, "valid"), rate, reporter)
    limits = VideoLimits(
        calibration=fit_on_videos(valid.dropna(subset="logit"), max_error),
        level=thresholds_of(detector).level,
        rate=rate,
        counts=_counts(valid),
    )
    calibrated = Detector(detector.model, detector.info.replace(video=limits), detector.seen)
    shutil.copytree(find_bundle(where), out / "bundle", dirs_exist_ok=True)
    write_info(out / "bundle", calibrated.info)
    predictions = judge_all(calibrated, tests, rate, reporter)
    return _measured(calibrated, predictions, out, {"data": list(data), "rate": rate})


def judge_all(
    detector: Detector, videos: pd.DataFrame, rate: float, reporter: Reporter
) -> Predictions:
    """Videos with what was said of them: the columns of `read_videos`, and those of predictions.

    `logit` is the statistic that decides, in log-odds; NaN where a video could not be judged.
    """
    paths = tracked(videos.path, len(videos), "judging", unit="videos", shown=reporter.progress)
    results = [judge_video(detector, path, rate=rate) for path in paths]
    decided = [r.estimate.value if r.estimate else math.nan for r in results]
    return videos.assign(
        logit=decided,
        score=scores(decided, _AS_IT_IS),
        verdict=[r.verdict for r in results],
        reason=[r.reason for r in results],
    )


_AS_IT_IS = Calibration(1.0, tuple(Threshold(rate, 0.0, 0) for rate in FALSE_POSITIVE_RATES), 0)


def fit_on_videos(valid: Predictions, max_error: float) -> Calibration:
    """Thresholds and band for the statistic that decides on a video.

    Args:
        valid: judged videos, with logit, label and source.
        max_error: share of the verdicts that may be wrong.

    Raises:
        UserError: one class only.
    """
    if set(valid.label) != {REAL, FAKE}:
        raise UserError(
            "thresholds for videos need real and fake videos in the split valid that can be judged."
        )
    return fit_limits(
        _AS_IT_IS, valid.logit, valid.label, sources=valid.source, max_error=max_error
    )


def _counts(valid: Predictions) -> dict[str, Counts]:
    judged = valid.dropna(subset="logit")
    return {
        str(source): Counts(real=int((rows == REAL).sum()), fake=int((rows == FAKE).sum()))
        for source, rows in judged.groupby("source")["label"]
    }


def _measured(
    detector: Detector, predictions: Predictions, out: Path | None, known: dict[str, Any]
) -> dict[str, Any]:
    if predictions.score.isna().all():
        raise UserError(f"no video could be judged, the first because: {predictions.reason[0]}.")
    limits = detector.info.video
    calibration = limits.calibration if limits else detector.calibration
    set_on = {"thresholds_set_on": thresholds_of(detector).set_on}
    metrics = measure(predictions, calibration.threshold) | set_on
    if out is not None:
        provenance = environment.describe() | {"detector": detector.info.name} | known | set_on
        write_evaluation(out, predictions, metrics, calibration, provenance, title=TITLE)
    return metrics
