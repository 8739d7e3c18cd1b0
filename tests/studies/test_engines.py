"""Leaving an engine out: what a fold sees, and the table that is written."""

import json

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dfd_tf.config import parse_config
from dfd_tf.data.sets.file_check import FileCheck
from dfd_tf.data.sets.inventory import Inventory
from dfd_tf.reporter import SILENT
from dfd_tf.studies import engines
from dfd_tf.studies.engines import EngineRow, without, write_engines
from dfd_tf.training.dataset import Found


@pytest.fixture
def found():
    """Real speech and two engines in every split."""
    rows = [
        (f"{source}/{split}", int(source != "speech"), split, source, f"hash of {source} {split}")
        for source in ("speech", "flite", "world")
        for split in ("train", "valid", "test")
    ]
    table = pd.DataFrame(rows, columns=["path", "label", "split", "source", "sha256"])
    damaged = pd.DataFrame({"path": [], "reason": []})
    return Found(
        table.drop(columns="sha256"),
        FileCheck(table, damaged, "of all"),
        Inventory(damaged, damaged),
    )


def test_a_fold_learns_from_the_others_and_is_tested_on_the_one(found):
    fold = without(found, "flite")
    for table in (fold.examples, fold.checked.usable):
        fakes = table[table.label == 1]
        shown = set(fakes.source[fakes.split != "test"])
        assert (shown, set(fakes.source[fakes.split == "test"])) == ({"world"}, {"flite"})
        assert list(table.split[table.label == 0]) == ["train", "valid", "test"]
    assert fold.checked.fingerprint not in ("of all", without(found, "world").checked.fingerprint)


def test_the_table_and_its_mean(tmp_path):
    figures = [{"value": v, "low": v - 0.05, "high": v + 0.05} for v in (0.1, 0.3)]
    rows = [
        EngineRow(name, dict.fromkeys(("eer", "min_dcf", "cllr", "auc"), value))
        for name, value in zip(("flite", "world"), figures, strict=True)
    ]
    table = write_engines(tmp_path, rows)
    assert "| flite | 0.100 (0.050 to 0.150)" in table
    assert table.splitlines()[-1].startswith("| mean | 0.200 |")
    assert json.loads((tmp_path / "engines.json").read_text())[1]["engine"] == "world"


def test_folds_test_everybody_once_and_are_measured_together(tmp_path, monkeypatch):
    people = [f"p{number}" for number in range(12)]
    rows = [
        (f"{source}/{person}", int(source != "speech"), person, source)
        for source in ("speech", "flite", "world")
        for person in people
    ]
    table = pd.DataFrame(rows, columns=["path", "label", "group", "source"])
    score = {row.path: 0.5 * row.label + int(row.group[1:]) / 30 for row in table.itertuples()}

    def find(config, reporter):
        k, n = config.data.fold
        tested = table.group.str[1:].astype(int) % n == k
        dealt = table.assign(split=tested.map({True: "test", False: "train"}), sha256=table.path)
        nothing = pd.DataFrame({"path": [], "reason": []})
        return Found(dealt, FileCheck(dealt, nothing, "f"), Inventory(nothing, nothing))

    def train(config, folder, *, found, **_):
        folder.mkdir(parents=True)
        test = found.examples[found.examples.split == "test"]
        test.assign(score=test.path.map(score)).to_csv(folder / "predictions.csv")

    monkeypatch.setattr(engines, "find", find)
    monkeypatch.setattr(engines, "train", train)
    config = parse_config({"model": {"name": "sound_resnet"}, "data": {"paths": ["table.csv"]}})
    study = engines.study_engines(config, tmp_path, SILENT, folds=3)
    assert [row.engine for row in study] == ["flite", "world"]
    flite = table[table.source != "world"]
    expected = roc_auc_score(flite.label, flite.path.map(score))
    assert study[0].figures["auc"]["value"] == pytest.approx(expected)
    assert study[0].figures["auc"]["low"] is not None  # twelve people, of whom each fold has four
