"""All figures of an evaluation at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import expit

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation.plots.curves import (
    draw_det,
    draw_learning_curves,
    draw_precision_recall,
    draw_risk_coverage,
    draw_roc,
)
from dfd_tf.evaluation.plots.distributions import draw_confusion, draw_reliability, draw_scores
from dfd_tf.evaluation.predictions import judged


def draw_all(
    predictions: pd.DataFrame,
    metrics: Mapping[str, Any],
    calibration: Calibration,
    history: pd.DataFrame | None = None,
) -> dict[str, Figure]:
    """Every figure that the data allow, by name: no ROC curve, for example, of one class."""
    table = judged(predictions)
    labels, scores = table["label"].to_numpy(np.int64), table["score"].to_numpy(np.float64)
    figures = {}
    if len(table):
        figures["scores"] = draw_scores(labels, scores, calibration)
        figures["confusion"] = draw_confusion(metrics)
        figures["reliability"] = draw_reliability(labels, scores, metrics, _uncalibrated(table))
        figures["risk_coverage"] = draw_risk_coverage(labels, scores, calibration)
    if metrics["n_real"] and metrics["n_fake"]:
        figures["roc"] = draw_roc(labels, scores, metrics, calibration)
        figures["det"] = draw_det(labels, scores, calibration)
        figures["precision_recall"] = draw_precision_recall(labels, scores, metrics, calibration)
    if history is not None and len(history):
        figures["learning_curves"] = draw_learning_curves(history)
    return figures


def _uncalibrated(table: pd.DataFrame) -> NDArray[np.float64] | None:
    """What the network itself says, where its logits are known."""
    return expit(table["logit"].to_numpy(np.float64)) if "logit" in table else None
