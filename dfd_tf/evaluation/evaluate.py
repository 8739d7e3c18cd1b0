"""Measure a detector on examples and write everything down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.bundle import Detector
from dfd_tf.evaluation.metrics import evaluate_scores
from dfd_tf.evaluation.results import write_evaluation


def evaluate_detector(
    detector: Detector,
    examples: pd.DataFrame,
    out: Path,
    provenance: dict[str, Any],
    *,
    history: pd.DataFrame | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Judge the examples, compute the metrics, write metrics.json, predictions.csv, plots, report.

    Args:
        detector: the detector at its stored threshold.
        examples: table with path, label, group and source.
        out: folder to write to, made if absent.
        provenance: facts for the report's last section.
        history: learning curve, where the detector was just trained.
        progress: show a progress bar.

    Returns:
        Content of metrics.json.
    """
    judged = detector.judge(list(examples.path), progress=progress)
    predictions = judged.assign(
        **{name: examples[name].to_numpy() for name in ("label", "source", "group", "split")}
    )
    metrics = measure(predictions, detector.calibration.threshold)
    write_evaluation(out, predictions, metrics, detector.calibration, provenance, history)
    return metrics


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
