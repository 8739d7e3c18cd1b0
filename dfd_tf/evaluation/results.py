"""Everything that an evaluation leaves on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation.beside import Beside
from dfd_tf.evaluation.metrics import write_metrics
from dfd_tf.evaluation.plots.figures import draw_all
from dfd_tf.evaluation.predictions import FILE, write_predictions
from dfd_tf.evaluation.report import NOTHING, write_report
from dfd_tf.reporting.style import save_pngs


def write_evaluation(
    out: str | Path,
    predictions: pd.DataFrame,
    metrics: Mapping[str, Any],
    calibration: Calibration,
    provenance: Mapping[str, Any],
    history: pd.DataFrame | None = None,
    *,
    beside: Beside = NOTHING,
    title: str = "How far can this detector be trusted?",
) -> None:
    """Writes metrics.json, predictions.csv, plots/ and report.html into the folder `out`.

    The arguments are those of `dfd_tf.evaluation.report.write_report`, and `history`, of the
    training, for learning curves.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    write_metrics(folder / "metrics.json", metrics)
    write_predictions(folder / FILE, predictions)
    figures = draw_all(predictions, metrics, calibration, history)
    save_pngs(folder / "plots", figures)
    write_report(
        folder / "report.html",
        title=title,
        predictions=predictions,
        metrics=metrics,
        calibration=calibration,
        provenance=provenance,
        figures=figures,
        beside=beside,
    )
