"""Comparisons against cases worked out by hand and against plain resampling."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm
from sklearn.metrics import roc_auc_score

from dfd_tf.errors import UserError
from dfd_tf.evaluation.comparison.compare import compare_predictions, delong, mcnemar
from dfd_tf.evaluation.comparison.report import in_words, write_comparison


def pair(n=200, seed=0, gap=0.5):
    """Predictions of a better and a worse detector that see the same noise in part."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    shared = rng.normal(size=n)
    tables = [
        pd.DataFrame(
            {
                "path": [f"/d/{i}.jpg" for i in range(n)],
                "label": labels,
                "score": norm.cdf(strength * (labels - 0.5) + shared + rng.normal(size=n)),
                "source": np.where(np.arange(n) < n // 2, "one", "two"),
                "group": np.arange(n).astype(str),
            }
        )
        for strength in (2.0 + gap, 2.0)
    ]
    return tables


def test_delong_by_the_definition_with_all_pairs():
    one, two = pair(60)
    labels = one.label.to_numpy()
    found = delong(labels, one.score, two.score)
    psi = [
        (t.score.to_numpy()[labels == 1][:, None] > t.score.to_numpy()[labels == 0]).astype(float)
        for t in (one, two)
    ]
    gap = psi[0] - psi[1]
    error = np.sqrt(gap.mean(1).var(ddof=1) / 30 + gap.mean(0).var(ddof=1) / 30)
    assert found["difference"] == pytest.approx(
        roc_auc_score(labels, one.score) - roc_auc_score(labels, two.score)
    )
    assert found["z"] == pytest.approx(found["difference"] / error)
    assert found["p"] == pytest.approx(2 * norm.sf(abs(found["difference"] / error)))


def test_delong_covers_no_difference_as_often_as_it_says():
    found = [delong(a.label, a.score, b.score) for a, b in (pair(120, s, 0.0) for s in range(400))]
    covered = np.mean([f["low"] <= 0 <= f["high"] for f in found])
    assert covered == pytest.approx(0.95, abs=0.035)


def test_mcnemar_is_the_binomial_test_of_those_that_part():
    first = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 0], bool)
    second = np.array([0, 0, 0, 0, 0, 1, 1, 0, 1, 0], bool)
    found = mcnemar(first, second)
    assert (found["only_first_right"], found["only_second_right"]) == (5, 1)
    assert (found["both_right"], found["both_wrong"]) == (2, 2)
    assert found["p"] == pytest.approx(2 * binom.cdf(1, 6, 0.5))
    assert mcnemar(first, first)["p"] == 1


def test_a_detector_is_as_good_as_itself():
    one, _ = pair()
    result = compare_predictions(one, one, (0.5, 0.5))
    assert result["auc_difference"] == {"value": 0, "low": 0, "high": 0}
    assert result["delong"]["p"] == result["mcnemar"]["all"]["p"] == 1


def test_the_folder_of_a_comparison(tmp_path):
    one, two = pair()
    one.loc[3, "score"] = np.nan
    result = compare_predictions(one, two, (0.5, 0.5))
    assert (result["n"], result["n_failed"]) == (199, 1)
    difference, by_delong = result["auc_difference"], result["delong"]
    # Images are independent here, so the two intervals mean the same.
    assert difference["value"] == pytest.approx(by_delong["difference"], abs=1e-6)
    assert difference["low"] == pytest.approx(by_delong["low"], abs=0.02)
    assert set(result["per_source"]) == {"one", "two"}
    names = ("<i>better</i>", "worse")
    write_comparison(tmp_path, (one, two), result, names, (0.5, 0.5), {"split": "test"})
    assert json.loads((tmp_path / "comparison.json").read_text())["n"] == 199
    assert (tmp_path / "plots" / "roc.png").is_file()
    page = (tmp_path / "report.html").read_text()
    assert "<i>better" not in page and "&lt;i&gt;better" in page
    assert f"{by_delong['p']:.2g}" in page
    assert "ranks better" in in_words(result, names) or "No difference" in in_words(result, names)


def test_one_class_cannot_be_compared():
    one, two = pair()
    with pytest.raises(UserError, match="needs real and fake"):
        compare_predictions(one[one.label == 0], two[two.label == 0], (0.5, 0.5))


def test_few_photos_show_nothing(tmp_path):
    one, two = pair(12)
    result = compare_predictions(one, two, (0.5, 0.5))
    assert result["auc_difference"]["low"] is None
    assert "shows nothing: fewer than 10 groups" in in_words(result, ("a", "b"))
    write_comparison(tmp_path, (one, two), result, ("a", "b"), (0.5, 0.5), {"split": "test"})
    assert "shows nothing" in (tmp_path / "report.html").read_text()
