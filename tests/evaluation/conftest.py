"""One evaluation of synthetic scores for the tests of what is drawn and written from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dfd_tf import calibration
from dfd_tf.calibration import Calibration
from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.evaluation.metrics import evaluate_scores
from dfd_tf.evaluation.predictions import judged


@dataclass(frozen=True)
class Evaluation:
    """What write_evaluation takes."""

    predictions: pd.DataFrame
    metrics: dict[str, Any]
    calibration: Calibration


@pytest.fixture(scope="session")
def fitted() -> Calibration:
    rng = np.random.default_rng(1)
    labels = np.arange(400) % 2
    return fit_calibration(rng.normal(3 * labels - 1.5, 2), labels)


@pytest.fixture(scope="session")
def evaluate(fitted: Calibration) -> Callable[..., Evaluation]:
    """Gives an evaluation of so many reals and fakes and of files that could not be judged."""

    def make(n_real: int = 150, n_fake: int = 150, failures: tuple = ()) -> Evaluation:
        rng = np.random.default_rng(0)
        labels = np.repeat([0, 1], (n_real, n_fake))
        scores = calibration.scores(rng.normal(3 * labels - 1.5, 2), fitted)
        table = pd.DataFrame(
            {
                "path": [f"/data/test/{('real', 'fake')[y]}/{i}.png" for i, y in enumerate(labels)],
                "label": labels,
                "score": scores,
                "verdict": calibration.verdicts(scores, fitted),
                "reason": [calibration.reason_for(s, fitted) for s in scores],
                "source": np.where(np.arange(len(labels)) % 3 == 0, "one", "two"),
            }
        )
        rows = [(path, 1, np.nan, "error", reason, "one") for path, reason in failures]
        # As objects: the string type of pandas refuses names that are no valid Unicode.
        failed = pd.DataFrame(rows, columns=table.columns, dtype=object)
        table = pd.concat([table.astype(object), failed], ignore_index=True)
        table = table.astype({"label": int, "score": float})
        good = judged(table)
        metrics = evaluate_scores(
            good["label"],
            good["score"],
            fitted.threshold,
            sources=good["source"],
            replicates=100,
        )
        return Evaluation(table, {**metrics, "n_failed": len(rows)}, fitted)

    return make


@pytest.fixture(scope="session")
def history() -> pd.DataFrame:
    epochs = np.arange(1, 6)
    return pd.DataFrame(
        {
            "epoch": epochs,
            "loss": 1 / epochs,
            "auc": 1 - 0.4 / epochs,
            "val_loss": 1.1 / epochs,
            "val_auc": 1 - 0.5 / epochs,
            "learning_rate": 1e-3 / epochs,
        }
    )
