import numpy as np
import pandas as pd
import pytest

from dfd_tf.auditing.separability import holm, separability, value_table

LABELS = pd.Series(np.arange(200) % 2)
ALONE = pd.Series(np.arange(200).astype(str))


def test_a_trait_that_differs_separates_and_noise_does_not():
    rng = np.random.default_rng(0)
    shifted = pd.DataFrame({"x": rng.normal(LABELS * 2.0), "name": "same"})
    found = separability(shifted, LABELS, ALONE)
    assert found["low"] > 0.8
    # Two normals two deviations apart: the AUC is known, Phi(sqrt 2) = 0.921.
    assert found["low"] < 0.921 < found["high"]
    noise = separability(pd.DataFrame({"x": rng.normal(size=200)}), LABELS, ALONE)
    assert noise["low"] < 0.5


def test_a_trait_that_is_spread_wider_in_one_class_separates():
    rng = np.random.default_rng(0)
    wider = pd.DataFrame({"x": rng.normal(size=200) * (1 + 4 * LABELS)})
    assert separability(wider, LABELS, ALONE)["low"] > 0.7


def test_a_trait_known_of_the_group_only_does_not_separate():
    # Ten groups of twenty, each with a number of its own and one class: learnable by heart only.
    groups = pd.Series(np.repeat(np.arange(10), 20).astype(str))
    labels = groups.astype(int) % 2
    values = pd.DataFrame({"x": groups.map({str(i): f"camera {i}" for i in range(10)})})
    assert separability(values, labels, groups)["value"] <= 0.55


def test_what_cannot_be_measured_has_no_interval():
    same = separability(pd.DataFrame({"x": ["jpeg"] * 200}), LABELS, ALONE)
    assert same == {"value": 0.5, "low": None, "high": None}
    one_group = pd.Series(["a"] * 200)
    assert separability(pd.DataFrame({"x": LABELS}), LABELS, one_group)["value"] is None


def test_value_table_counts_groups_and_tests_them_exactly():
    values = pd.Series(["odd"] * 3 + ["usual"] * 37)
    labels = pd.Series([1] * 20 + [0] * 20)
    table = value_table(values, labels, pd.Series(range(40)))
    assert tuple(table.loc["odd", ["real", "fake", "share_fake"]]) == (0, 3, 0.15)
    # 3 of 40 drawn all from the same 20, either side: 2 * C(20,3) / C(40,3).
    assert table.loc["odd", "p"] == pytest.approx(2 * 1140 / 9880)
    videos = pd.Series(["v"] * 3 + list(map(str, range(37))))
    assert "odd" not in value_table(values, labels, videos).index


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06])
    assert holm([0.6, 0.7]).max() == 1
