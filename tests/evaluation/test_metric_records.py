"""A metric is one record in one file: the files and the page of an evaluation follow it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.evaluation.metric_records.record import METRICS, Metric
from dfd_tf.evaluation.metrics import evaluate_scores
from dfd_tf.evaluation.tables import metric_rows
from dfd_tf.evaluation.weighted import WeightedScores
from dfd_tf.records import Registry

YOUDEN = """
from dfd_tf.evaluation.metric_records.record import METRICS, Metric

def youden(scored):
    return METRICS["recall"].of(scored) - METRICS["fpr_at_threshold"].of(scored)

RECORD = Metric("youden", "Youden's J", "recall less false alarms", better="higher",
                needs_threshold=True, function=youden)
"""
EVALUATION = """
import sys
import numpy as np, pandas as pd
from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.evaluation.evaluate import measure
from dfd_tf.evaluation.results import write_evaluation
labels = np.arange(60) % 2
logits = np.random.default_rng(0).normal(3 * labels - 1.5, 2)
scores = 1 / (1 + np.exp(-logits))
table = pd.DataFrame({"path": [f"{i}.png" for i in range(60)], "label": labels, "score": scores,
                      "verdict": "real", "reason": "", "source": "a", "group": range(60)})
metrics = measure(table, 0.5)
write_evaluation(sys.argv[1], table, metrics, fit_calibration(logits, labels), {})
"""


def run(script: str, *arguments: str, packages: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(packages), *sys.path])
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_another_packages_metric_stands_in_every_result(stranger: Callable, tmp_path: Path) -> None:
    done = run(EVALUATION, str(tmp_path), packages=stranger("dfd_tf.metrics", YOUDEN))
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    expected = metrics["recall"]["value"] - metrics["fpr_at_threshold"]["value"]
    assert metrics["youden"]["value"] == pytest.approx(expected, abs=2e-6)
    assert metrics["youden"]["low"] < metrics["youden"]["value"] < metrics["youden"]["high"]
    assert metrics["per_source"]["a"]["youden"]["value"] == metrics["youden"]["value"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Youden&#39;s J" in page and "recall less false alarms" in page


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (YOUDEN.replace('"youden"', '"auc"'), "adds 'auc' to dfd_tf.metrics, where this name is"),
        ("RECORD = 3", "is a int; dfd_tf.metrics takes records of the class"),
        ("import nowhere_at_all", "cannot be loaded: No module named 'nowhere_at_all'"),
    ],
)
def test_a_record_that_cannot_be_taken_is_named(
    stranger: Callable, source: str, words: str
) -> None:
    script = "from dfd_tf.evaluation.metric_records.record import METRICS; list(METRICS)"
    done = run(script, packages=stranger("dfd_tf.metrics", source))
    assert "UserError: The entry point 'mine' (stranger:RECORD) of the package" in done.stderr
    assert words in done.stderr


def test_every_record_is_in_the_metrics_and_in_the_table() -> None:
    metrics = evaluate_scores([0, 1] * 20, np.linspace(0.1, 0.9, 40), 0.5, replicates=5)
    rows = metric_rows(metrics)
    assert [row["name"] for row in rows] == [record.title for record in METRICS]
    assert all({"value", "low", "high"} == set(metrics[record.name]) for record in METRICS)
    assert len({record.meaning for record in METRICS}) == len(rows) >= 13


@pytest.mark.parametrize("record", list(METRICS), ids=lambda record: record.name)
def test_better_and_needs_threshold_are_true(record: Metric) -> None:
    labels = np.arange(200) % 2
    noise = np.random.default_rng(0).normal(size=200)

    def value(separation: float, threshold: float = 0.5) -> float:
        scores = 1 / (1 + np.exp(-(separation * (2 * labels - 1) + noise)))
        return float(record.of(WeightedScores(labels, scores, np.ones((1, 200)), threshold))[0])

    # ECE of well separated scores falls, since they come to be near 0 and 1.
    good, poor = value(6.0), value(0.5)
    assert (good > poor) == (record.better == "higher")
    assert (value(0.5, 0.5) != value(0.5, 0.9)) == record.needs_threshold


def test_a_function_of_the_wrong_shape_is_named() -> None:
    wrong = Metric("w", "W", "w", better="higher", needs_threshold=False, function=lambda s: 0.5)
    with pytest.raises(
        UserError, match=r"'w' returned values of the shape \(\); expected is \(3,\)"
    ):
        wrong.of(WeightedScores(np.array([0, 1]), np.array([0.1, 0.9]), np.ones((3, 2))))


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    registry = Registry(Metric, "dfd_tf.evaluation.metric_records", "dfd_tf.metrics")
    with pytest.raises(UserError, match="Did you mean 'recall'"):
        registry["recal"]
