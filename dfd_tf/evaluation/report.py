"""One HTML page that says how far a detector can be trusted, from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation import tables
from dfd_tf.evaluation.beside import Beside
from dfd_tf.evaluation.mistakes import accused_reals, missed_fakes
from dfd_tf.evaluation.predictions import failed, judged
from dfd_tf.evaluation.robustness.plots import CAPTIONS as ROBUSTNESS_CAPTIONS
from dfd_tf.evaluation.robustness.plots import draw_robustness
from dfd_tf.evaluation.robustness.report import cautions as robustness_cautions
from dfd_tf.evaluation.robustness.report import summary_in_words
from dfd_tf.evaluation.wording import cautions, grade
from dfd_tf.reporting.page import captioned, write_page
from dfd_tf.reporting.tables import flat

# Of the provenance, what belongs to the head of the page where it is there.
SUBJECT = ("model", "data", "split", "fingerprint")
REAL_MEANS = "real means"
FAILURES_SHOWN = 100
NOTHING = Beside()

CAPTIONS = {
    "scores": "Each photo's score. The further the two colours are apart, the better; in the grey "
    "band the detector declines to judge.",
    "confusion": "Decisions at the threshold, with shares of each row. Right decisions lie on the "
    "diagonal from the upper left.",
    "roc": "Every possible threshold: fakes found against real photos accused. The dashed line is "
    "guessing.",
    "det": "The same, with both errors on axes that spread the small ones: the nearer to the lower "
    "left corner, the better. On the dashed line both errors are equal.",
    "precision_recall": "Every possible threshold: how many alarms are right, at the share of "
    "fakes tested here (dashed). Where fakes are rarer, fewer alarms are right.",
    "reliability": "On the dashed line, a score of 0.8 means that 80 of 100 such photos are fake. "
    "Bars are 95 % intervals; below, the number of photos. Grey: what the network itself claims.",
    "risk_coverage": "Photos far from the threshold are judged first. The further left, the fewer "
    "get a verdict and the fewer of these verdicts are wrong; the point is what users get.",
    "learning_curves": "The course of the training. A validation loss that rises while the "
    "training loss falls means learning by heart.",
}


def write_report(
    path: str | Path,
    *,
    title: str,
    predictions: pd.DataFrame,
    metrics: Mapping[str, Any],
    calibration: Calibration,
    provenance: Mapping[str, Any],
    figures: Mapping[str, Figure],
    beside: Beside = NOTHING,
) -> None:
    """Writes the report of an evaluation; the same arguments give the same bytes.

    Args:
        path: The HTML file.
        title: Heading of the page.
        predictions: One row for each file with path, label, score, verdict and reason; the files
            of the most confident mistakes are read for thumbnails, where they still can be.
        metrics: From `evaluate_scores`, with `n_failed` where files failed.
        calibration: The detector's.
        provenance: What the numbers rest on, values may be nested; `model`, `data`, `split` and
            `fingerprint` are shown at the head of the page, and `REAL_MEANS` beside the verdicts.
        figures: From `dfd_tf.evaluation.plots.figures.draw_all`.
        beside: What other verbs found.
    """
    table, unusable = judged(predictions), failed(predictions)
    threshold = calibration.threshold
    write_page(
        path,
        "evaluation/report.html.j2",
        title=title,
        subject=flat({key: provenance[key] for key in SUBJECT if key in provenance}),
        metrics=metrics,
        grade=grade(metrics),
        cautions=cautions(metrics),
        bars=tables.verdict_bars(table),
        band_in_words=calibration.band_in_words,
        selective=calibration.selective,
        real_means=provenance.get(REAL_MEANS, "no trace of the forgeries that it knows"),
        metric_rows=tables.metric_rows(metrics),
        source_rows=tables.source_rows(metrics),
        threshold_rows=tables.threshold_rows(table, calibration),
        plots=captioned(figures, CAPTIONS),
        mistakes=[
            ("Real photos it accused", accused_reals(table, threshold, beside.map_of)),
            ("Fake photos it missed", missed_fakes(table, threshold, beside.map_of)),
        ],
        with_maps=beside.map_of is not None,
        audit=beside.audit,
        robustness=_robustness(beside.robustness),
        failures=unusable.head(FAILURES_SHOWN).to_dict("records"),
        failures_left_out=max(0, len(unusable) - FAILURES_SHOWN),
        provenance=flat(provenance),
    )


def _robustness(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "grade": summary_in_words(found),
        "cautions": robustness_cautions(found),
        "n": found["n"],
        "plots": captioned(draw_robustness(found["steps"]), ROBUSTNESS_CAPTIONS),
    }
