import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dfd_tf.studies.baselines import BASELINES, baseline_scores
from dfd_tf.studies.one_class_table import Row, write_comparison
from dfd_tf.studies.ranking import auc_by_cell, held_out


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(0)
    reals = rng.normal(size=(200, 5)).astype("float32")
    photos = np.concatenate([rng.normal(size=(50, 5)), rng.normal(3, 1, (50, 5))])
    return baseline_scores(reals, photos.astype("float32"))


@pytest.mark.parametrize("name", BASELINES)
def test_what_lies_outside_scores_higher(scored, name):
    assert scored[name].shape == (100,)
    assert roc_auc_score(np.repeat([0, 1], 50), scored[name]) > 0.97


def test_fewer_photos_than_features_or_neighbours_will_do():
    rng = np.random.default_rng(0)
    found = baseline_scores(rng.normal(size=(4, 9)), rng.normal(size=(3, 9)))
    assert all(np.isfinite(scores).all() for scores in found.values())


def examples():
    return pd.DataFrame(
        {
            "label": [0, 1, 0, 1, 0, 1],
            "source": ["a", "a", "a", "a", "b", "b"],
            "split": ["test", "test", "valid_own", "valid_own", "test", "train"],
            "group": list("uvwxyz"),
        }
    )


def test_auc_by_source_and_split_of_any_scores():
    table = held_out(examples())
    assert len(table) == 5
    cells = auc_by_cell(table, [-7.0, 1e6, 3.0, 2.0, np.nan])
    assert {name: cell["value"] for name, cell in cells.items()} == {"a test": 1.0, "a valid": 0.0}


def test_comparison_is_written_as_table_json_and_figure(tmp_path):
    auc = {"a test": {"value": 0.7, "low": 0.6, "high": 0.8}}
    rows = [Row("DeepSAD", fakes, auc, left_out) for fakes in (0, 0.2) for left_out in ("", "a")]
    table = write_comparison(tmp_path, [*rows, Row("other", 1.0, {})])
    assert "| DeepSAD, without a | 20 % | 0.700 (0.600 to 0.800) |" in table
    assert "| other | 100 % | - |" in table
    assert json.loads((tmp_path / "one_class.json").read_text())[1]["left_out"] == "a"
    assert (tmp_path / "auc_by_fraction.png").stat().st_size > 5000
