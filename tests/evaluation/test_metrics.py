"""Metrics against scikit-learn and hand-computed cases; intervals against simulation."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn import metrics as sk

from dfd_tf.evaluation.bootstrap import group_numbers, resample
from dfd_tf.evaluation.metrics import (
    auc_with_interval,
    evaluate_scores,
    every_metric,
    write_metrics,
)
from dfd_tf.evaluation.weighted import WeightedScores

NAMES = {
    "auc", "average_precision", "eer", "accuracy", "balanced_accuracy", "precision", "recall",
    "f1", "fpr_at_threshold", "tpr_at_fpr_1pct", "log_loss", "brier", "ece",
    "min_dcf", "cllr",
}  # fmt: skip


def sample(
    n: int = 300, seed: int = 0, decimals: int = 2, shift: float = 1.5
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores; few decimals make ties."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2)
    return labels, expit(rng.normal(shift * (2 * labels - 1) / 2)).round(decimals)


def by_scikit_learn(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    called = scores >= threshold
    fpr, tpr, _ = sk.roc_curve(labels, scores)
    return {
        "auc": sk.roc_auc_score(labels, scores),
        "average_precision": sk.average_precision_score(labels, scores),
        "tpr_at_fpr_1pct": tpr[fpr <= 0.01].max(),
        "accuracy": sk.accuracy_score(labels, called),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, called),
        "precision": sk.precision_score(labels, called),
        "recall": sk.recall_score(labels, called),
        "f1": sk.f1_score(labels, called),
        "fpr_at_threshold": 1 - sk.recall_score(labels, called, pos_label=0),
        "log_loss": sk.log_loss(labels, scores),
        "brier": sk.brier_score_loss(labels, scores),
    }


def value_of(metrics: dict, name: str) -> float:
    return metrics[name]["value"]


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_replicates_equal_scikit_learn_on_the_resampled_arrays(decimals: int) -> None:
    labels, scores = sample(decimals=decimals)
    counts = next(resample(labels, group_numbers(None, len(labels)), 20, seed=3))
    ours = every_metric(WeightedScores(labels, scores, counts, 0.6))
    for row, weights in enumerate(counts.astype(int)):
        resampled = np.repeat(labels, weights), np.repeat(scores, weights)
        for name, expected in by_scikit_learn(*resampled, 0.6).items():
            assert ours[name][row] == pytest.approx(expected, abs=1e-12), name


def test_eer_and_ece_weigh_images_as_repeated_ones() -> None:
    labels, scores = sample()
    counts = next(resample(labels, group_numbers(None, len(labels)), 10, seed=3))
    ours = every_metric(WeightedScores(labels, scores, counts))
    for row, weights in enumerate(counts.astype(int)):
        repeated = np.repeat(labels, weights), np.repeat(scores, weights)
        alone = every_metric(WeightedScores(*repeated, np.ones((1, len(repeated[0])))))
        for name in ("eer", "ece"):
            assert ours[name][row] == pytest.approx(alone[name][0], abs=1e-12)


def test_ece_by_hand() -> None:
    # Bins are 1/15 wide: 0.02 and 0.04 share the first, 0.50 is alone, 1.0 falls into the last.
    labels, scores = [0, 1, 0, 1], [0.02, 0.04, 0.50, 1.00]
    expected = (abs(1 - 0.06) + abs(0 - 0.50) + abs(1 - 1)) / 4
    metrics = evaluate_scores(labels, scores, 0.5, replicates=10)
    assert value_of(metrics, "ece") == pytest.approx(expected)


def test_eer_by_hand() -> None:
    # From the top: fake, real, fake, fake, real, real, real, fake. At 0.6 one of four reals is
    # accused and one of four fakes missed.
    labels, scores = [1, 0, 1, 1, 0, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    assert value_of(evaluate_scores(labels, scores, 0.5, replicates=10), "eer") == 0.25
    # All tied: the only curve is the diagonal, which meets FPR = 1 - TPR in the middle.
    assert value_of(evaluate_scores(labels, [0.5] * 8, 0.5, replicates=10), "eer") == 0.5
    assert value_of(evaluate_scores([0, 1], [0.1, 0.9], 0.5, replicates=10), "eer") == 0


def test_eer_approaches_the_value_of_two_normal_distributions() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(40_000) % 2
    scores = expit(rng.normal(2.0 * labels))
    metrics = evaluate_scores(labels, scores, 0.5, replicates=5)
    assert value_of(metrics, "eer") == pytest.approx(norm.cdf(-1.0), abs=0.005)
    assert value_of(metrics, "auc") == pytest.approx(norm.cdf(2.0 / np.sqrt(2)), abs=0.005)


def test_detection_rate_at_one_percent_by_hand() -> None:
    reals = np.linspace(0.0, 0.5, 200)  # two of them may be accused: those at the very top
    fakes = np.array([0.9, 0.4990, 0.4960, 0.1])
    scores, labels = np.concatenate([reals, fakes]), np.repeat([0, 1], (200, 4))
    metrics = evaluate_scores(labels, scores, 0.5, replicates=10)
    assert value_of(metrics, "tpr_at_fpr_1pct") == 0.75
    few = evaluate_scores([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.7], 0.5, replicates=10)
    assert value_of(few, "tpr_at_fpr_1pct") == 0.5  # under 100 reals: without a false alarm


def test_detection_cost_by_hand() -> None:
    labels, scores = [0, 0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.7, 0.9]
    metrics = evaluate_scores(labels, scores, 0.5, replicates=10)
    # From 0.9 on: none turned away, half pass. From 0.7 on: a quarter turned away at 1.9 each.
    assert value_of(metrics, "min_dcf") == pytest.approx(min(0.5, 1.9 / 4))
    blind = evaluate_scores(labels, [0.5] * 6, 0.5, replicates=10)
    assert value_of(blind, "min_dcf") == 1
    assert value_of(blind, "cllr") == pytest.approx(1)


def test_likelihood_ratio_cost_is_the_balanced_log_loss_in_bits() -> None:
    labels, scores = sample(decimals=6)
    reals = labels == 0
    halves = [sk.log_loss(labels[c], scores[c], labels=[0, 1]) for c in (reals, ~reals)]
    metrics = evaluate_scores(labels, scores, 0.5, replicates=10)
    assert value_of(metrics, "cllr") == pytest.approx(np.mean(halves) / np.log(2))


def test_counts_and_confusion() -> None:
    metrics = evaluate_scores([0, 0, 0, 1, 1], [0.1, 0.5, 0.9, 0.5, 0.4], 0.5, replicates=10)
    assert metrics["confusion"] == {"tn": 1, "fp": 2, "fn": 1, "tp": 1}
    assert (metrics["n"], metrics["n_real"], metrics["n_fake"]) == (5, 3, 2)
    assert metrics["threshold"] == 0.5
    assert set(metrics) >= NAMES


def test_intervals_hold_their_value_and_narrow_with_n() -> None:
    small, large = (evaluate_scores(*sample(n, decimals=6), 0.5) for n in (100, 3000))
    for metrics in (small, large):
        for name in NAMES:
            assert metrics[name]["low"] <= metrics[name]["value"] <= metrics[name]["high"], name
    for name in NAMES - {"ece"}:
        width = [m[name]["high"] - m[name]["low"] for m in (small, large)]
        assert width[1] < width[0], name


@pytest.mark.parametrize(("label", "absent"), [(0, {"recall"}), (1, {"fpr_at_threshold"})])
def test_one_class_leaves_null_what_needs_two(label: int, absent: set[str]) -> None:
    absent |= {
        "auc", "average_precision", "eer", "balanced_accuracy", "precision", "f1",
        "tpr_at_fpr_1pct", "min_dcf", "cllr",
    }  # fmt: skip
    metrics = evaluate_scores([label] * 15, [0.1, 0.2, 0.3, 0.6, 0.9] * 3, 0.5, replicates=50)
    assert {name for name in NAMES if metrics[name]["value"] is None} == absent
    assert all(metrics[name]["low"] is None for name in absent)
    assert all(metrics[name]["low"] is not None for name in NAMES - absent)


def test_no_images_at_all_leave_every_metric_null() -> None:
    metrics = evaluate_scores([], [], 0.5)
    assert metrics["n"] == 0 and all(metrics[name]["value"] is None for name in NAMES)


def test_precision_is_null_where_nothing_is_called_fake() -> None:
    metrics = evaluate_scores([0, 1], [0.1, 0.2], 0.5, replicates=10)
    assert metrics["precision"]["value"] is None and metrics["f1"]["value"] == 0


def test_per_source_equals_the_source_alone() -> None:
    labels, scores = sample()
    sources = np.where(np.arange(len(labels)) < 100, "b", "a,\n<i>")
    metrics = evaluate_scores(labels, scores, 0.5, sources=sources, replicates=50)
    assert list(metrics["per_source"]) == ["a,\n<i>", "b"]
    alone = evaluate_scores(labels[:100], scores[:100], 0.5, replicates=50)
    assert metrics["per_source"]["b"].items() <= alone.items()


def test_intervals_cover_the_truth_about_95_times_in_100() -> None:
    truth = {"auc": norm.cdf(1.5 / np.sqrt(2)), "fpr_at_threshold": norm.cdf(-0.75)}
    covered = dict.fromkeys(truth, 0)
    for seed in range(200):
        metrics = evaluate_scores(*sample(200, seed, decimals=9), 0.5, replicates=200, seed=seed)
        for name, value in truth.items():
            covered[name] += metrics[name]["low"] <= value <= metrics[name]["high"]
    # The percentile bootstrap of 100 reals covers a little less than 95 %.
    assert all(178 <= count <= 199 for count in covered.values()), covered


@pytest.mark.parametrize(("groups", "bears"), [(9, False), (10, True)])
def test_too_few_groups_of_a_class_bear_no_interval(groups: int, bears: bool) -> None:
    labels = np.repeat([0, 1], 40)
    scores = np.linspace(0, 1, 80)  # AUC 1, which a bootstrap would say is sure
    names = np.concatenate([np.arange(40), 100 + np.arange(40) % groups])
    metrics = evaluate_scores(labels, scores, 0.5, groups=names, replicates=20)
    assert metrics["auc"] == {
        "value": 1.0,
        "low": 1.0 if bears else None,
        "high": 1.0 if bears else None,
    }
    assert all((metrics[name]["low"] is not None) == bears for name in NAMES)
    assert auc_with_interval(labels, scores, groups=names)["low"] == metrics["auc"]["low"]


def test_groups_of_copies_widen_the_interval_to_that_of_the_originals() -> None:
    labels, scores = sample(100, decimals=6)
    once = evaluate_scores(labels, scores, 0.5)
    copies = np.repeat(labels, 9), np.repeat(scores, 9)
    grouped = evaluate_scores(*copies, 0.5, groups=np.repeat(np.arange(100), 9))
    ungrouped = evaluate_scores(*copies, 0.5)
    width = {
        name: m["auc"]["high"] - m["auc"]["low"]
        for name, m in {"once": once, "grouped": grouped, "ungrouped": ungrouped}.items()
    }
    assert width["grouped"] == pytest.approx(width["once"], rel=0.15)
    assert width["ungrouped"] == pytest.approx(width["once"] / 3, rel=0.15)
    assert once["bootstrap"]["unit"] == ungrouped["bootstrap"]["unit"] == "image"
    assert grouped["bootstrap"]["units"] == 100 and grouped["bootstrap"]["unit"] == "group"


def test_equal_group_names_of_two_sources_are_two_groups() -> None:
    labels, scores = sample(40)
    metrics = evaluate_scores(
        labels, scores, 0.5, groups=[0] * 40, sources=["a"] * 20 + ["b"] * 20, replicates=5
    )
    assert metrics["bootstrap"]["units"] == 2


def test_groups_move_together_and_classes_keep_their_size() -> None:
    labels = np.repeat([0, 1, 0, 1], 5)
    groups = group_numbers(list("aabbc" + "ddeef" + "ggggg" + "hhhhh"), 20)
    counts = np.concatenate(list(resample(labels, groups, 100, seed=0)))
    for group in np.unique(groups):
        assert (np.ptp(counts[:, groups == group], axis=1) == 0).all()
    ungrouped = np.concatenate(list(resample(labels, group_numbers(None, 20), 100, seed=0)))
    assert (ungrouped[:, labels == 1].sum(axis=1) == 10).all()
    assert len(np.unique(ungrouped, axis=0)) == 100


def test_the_file_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    labels, scores = sample()
    for name in ("one.json", "two.json"):
        metrics = evaluate_scores(labels, scores, 0.5, sources=["x"] * 300, replicates=100, seed=7)
        write_metrics(tmp_path / name, metrics)
    written = (tmp_path / "one.json").read_bytes()
    assert written == (tmp_path / "two.json").read_bytes()
    assert json.loads(written) == metrics
    other = evaluate_scores(labels, scores, 0.5, replicates=100, seed=8)
    assert other["auc"]["low"] != metrics["auc"]["low"]


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 1], [0.5], "2 labels do not fit 1 scores"),
        ([0, 2], [0.5, 0.5], "labels are 0"),
        ([0, 1], [0.5, np.nan], "leave out the images"),
        ([0, 1], [0.5, 1.2], "1 of 2 scores are no probabilities, such as 1.2"),
    ],
)
def test_what_is_no_measurement_is_refused(labels: list, scores: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_scores(labels, scores, 0.5)


def test_three_thousand_images_take_seconds() -> None:
    labels, scores = sample(3000, decimals=9)
    start = time.perf_counter()
    evaluate_scores(labels, scores, 0.5)
    assert time.perf_counter() - start < 6
