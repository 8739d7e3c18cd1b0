"""Measure a detector on examples and write everything down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.data.sets.examples import load_as_dealt
from dfd_tf.data.sets.seen_files import TESTS, without_seen
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.errors import UserError
from dfd_tf.evaluation.beside import Beside
from dfd_tf.evaluation.classes import require_judged
from dfd_tf.evaluation.metrics import evaluate_scores
from dfd_tf.evaluation.report import NOTHING, REAL_MEANS
from dfd_tf.evaluation.results import write_evaluation


def evaluate_detector(
    detector: Detector,
    examples: pd.DataFrame,
    out: Path,
    provenance: dict[str, Any],
    *,
    history: pd.DataFrame | None = None,
    faces: Faces = "whole",
    beside: Beside = NOTHING,
    progress: bool = True,
) -> dict[str, Any]:
    """Judge the examples, compute the metrics, write metrics.json, predictions.csv, plots, report.

    Args:
        detector: the detector at its stored threshold.
        examples: table with path, label, group and source.
        out: folder to write to, made if absent.
        provenance: facts for the report's last section.
        history: learning curve, where the detector was just trained.
        faces: what of a photo is judged, see `judge_examples`.
        beside: what other verbs found, for the page.
        progress: show a progress bar.

    Returns:
        Content of metrics.json.
    """
    predictions = judge_examples(detector, examples, faces=faces, progress=progress)
    metrics = measure(predictions, detector.calibration.threshold) | {"faces": detector.mode(faces)}
    data = detector.info.data
    provenance = provenance | {
        "weights_sha256": detector.info.weights_sha256,
        "training": {"seed": data.seed, "fingerprint": data.fingerprint},
        REAL_MEANS: detector.info.real_means,
    }
    write_evaluation(
        out, predictions, metrics, detector.calibration, provenance, history, beside=beside
    )
    return metrics


def judge_examples(
    detector: Detector, examples: pd.DataFrame, *, faces: Faces, progress: bool = True
) -> pd.DataFrame:
    """Predictions of examples, with their label, source, group and split.

    Args:
        detector: the detector.
        examples: table with path, label, source, group and split.
        faces: see `Detector.judgements`. Of several faces in one photo the largest is judged,
            since it is what the photo's label is about.
        progress: show a progress bar.

    Raises:
        UserError: not one image of a class can be judged.
    """
    judged = detector.judge_main(list(examples.path), faces=faces, progress=progress)
    require_judged(examples, judged["score"].notna().to_numpy())
    return judged.assign(
        **{name: examples[name].to_numpy() for name in ("label", "source", "group", "split")}
    )


def load_split(detector: Detector, roots: Sequence[str], split: str) -> pd.DataFrame:
    """The images of a split, dealt as in the detector's training where a set brings no split.

    Args:
        detector: says with which seed and folds its training dealt.
        roots: dataset folders.
        split: "train", "valid", "valid_own", "test" or "all".

    Returns:
        The table of `load_examples`; of a test split without the images that the detector was
        trained on, which are counted on the error stream.

    Raises:
        UserError: no image is in that split; the message lists those there are. Or the detector
            was trained on all of them.
    """
    examples = load_as_dealt(roots, detector.info.data)
    if split == "all":
        return examples
    chosen = examples[examples.split == split]
    if chosen.empty:
        names = sorted(examples.split.unique())
        raise UserError(f"no images are in the split {split!r}; there are: {names}.")
    return without_seen(chosen, detector.seen) if split in TESTS else chosen


def measure(predictions: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Content of metrics.json for a table of predictions; files without a score only count."""
    scored = predictions.dropna(subset="score")
    metrics = evaluate_scores(
        scored.label.to_numpy(),
        scored.score.to_numpy(),
        threshold,
        groups=scored.group.to_numpy(),
        sources=scored.source.to_numpy(),
    )
    return metrics | {"n_failed": len(predictions) - len(scored)}
