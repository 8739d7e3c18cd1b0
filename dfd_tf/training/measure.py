"""The last step of a training: the finished detector on images it has never seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.data.sets.seen_files import without_seen
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.detectors.info import write_info
from dfd_tf.evaluation.evaluate import evaluate_detector
from dfd_tf.reporter import Reporter
from dfd_tf.training.card import write_card

OWN_VALIDATION = "valid_own"


def measure(
    detector: Detector,
    folder: Path,
    examples: pd.DataFrame,
    provenance: dict[str, Any],
    *,
    history: pd.DataFrame | None = None,
    faces: Faces = "whole",
    reporter: Reporter,
) -> dict[str, Any]:
    """Evaluate on the test splits, and the sets' own validation splits if these are tests too.

    Writes the results into a run folder, and into its bundle the figures and the model card.

    Args:
        detector: as in the folder's bundle.
        folder: the run folder.
        examples: table with path, label, group, source and split.
        provenance: facts for the reports.
        history: the learning curve.
        faces: what of a photo is judged, see `Detector.judgements`.
        reporter: shows how far it has come.

    Returns:
        Content of metrics.json of the test splits.
    """
    metrics: dict[str, dict[str, Any]] = {}
    for split, out in (("test", folder), (OWN_VALIDATION, folder / OWN_VALIDATION)):
        chosen = examples[examples.split == split]
        chosen = without_seen(chosen, detector.seen, progress=reporter.progress)
        if len(chosen):
            metrics[split] = evaluate_detector(
                detector,
                chosen,
                out,
                provenance,
                history=history,
                faces=faces,
                progress=reporter.progress,
            )
    info = detector.info.replace(metrics=metrics)
    write_info(folder / "bundle", info)
    write_card(folder / "bundle" / "MODEL_CARD.md", info)
    return metrics["test"]
