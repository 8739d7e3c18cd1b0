"""Dealing by hash: a set that grows keeps its splits, and a small one has each class everywhere."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import load_as_dealt, load_examples, read_examples
from dfd_tf.data.sets.splits import split_source
from dfd_tf.detectors.info import TrainingData


def singles(n_real: int, n_fake: int, split: str = "") -> pd.DataFrame:
    groups = [f"real/{i}.jpg" for i in range(n_real)] + [f"fake/{i}.jpg" for i in range(n_fake)]
    return pd.DataFrame(
        {"group": groups, "label": [0] * n_real + [1] * n_fake, "split": split}, dtype=object
    )


def by_group(table: pd.DataFrame, **options) -> dict[str, str]:
    return dict(zip(table["group"], split_source(table, seed=5, **options).split, strict=True))


def test_each_split_has_its_share():
    dealt = split_source(singles(4000, 4000), seed=0).split.value_counts(normalize=True)
    assert dealt["test"] == pytest.approx(0.15, abs=0.015)
    assert dealt["valid"] == pytest.approx(0.15, abs=0.015)
    half = split_source(singles(4000, 4000), seed=0, valid_from_train=0.5).split
    assert half.value_counts(normalize=True)["valid"] == pytest.approx(0.425, abs=0.015)
    own = split_source(singles(4000, 4000, "train").assign(split="train"), seed=0).split
    assert own.value_counts(normalize=True)["test"] == pytest.approx(0.15, abs=0.015)


def test_no_photo_moves_when_others_come_or_go():
    small, large = by_group(singles(150, 150)), by_group(singles(400, 300))
    assert all(large[group] == split for group, split in small.items())
    assert set(small.values()) == {"train", "valid", "test"}


def test_the_form_of_a_name_and_the_order_of_rows_do_not_matter():
    table = singles(30, 30)
    table["group"] = table["group"].str.replace("real", "réal")
    other = table.assign(group=[unicodedata.normalize("NFD", name) for name in table["group"]])
    first, second = (split_source(each, seed=1).split for each in (table, other))
    assert first.tolist() == second.tolist() and (table["group"] != other["group"]).any()
    shuffled = table.sample(frac=1, random_state=0)
    assert split_source(shuffled, seed=1).split.sort_index().tolist() == first.tolist()
    assert split_source(table, seed=2).split.tolist() != first.tolist()


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("seed", range(6))
def test_a_small_set_has_each_class_everywhere_as_far_as_it_goes(n, seed):
    table = singles(n, 2 * n)
    split, n_moved = split_source(table, seed=seed)
    for label in (0, 1):
        there = set(split[table["label"] == label])
        n_groups = (table["label"] == label).sum()
        assert {"train", "test", "valid"} >= there >= set(("train", "test", "valid")[:n_groups])
    assert n_moved <= 6


@pytest.mark.parametrize("seed", range(20))
def test_no_split_has_less_than_half_of_its_share(seed):
    table = singles(40, 60)
    counts = table.groupby([split_source(table, seed=seed).split, "label"]).size()
    for name in ("test", "valid"):
        assert counts[name, 0] >= 3 and counts[name, 1] >= 4


def test_groups_of_both_classes_stay_whole():
    table = pd.DataFrame(
        {"group": [f"g{i // 4}" for i in range(80)], "label": [0, 1] * 40, "split": ""}
    )
    split = split_source(table, seed=0).split
    assert split.groupby(table["group"]).nunique().max() == 1
    assert set(zip(split, table["label"], strict=True)) == {
        (s, c) for s in ("train", "valid", "test") for c in (0, 1)
    }


def test_a_small_set_says_that_groups_were_moved(tmp_path, write_tree):
    root = write_tree(tmp_path, [f"{c}/{i}.jpg" for c in ("real", "fake") for i in range(3)])
    assert "moved to give every split enough of both classes" in " ".join(
        read_examples([root]).inventory.remarks
    )


def test_older_detectors_keep_their_splits(tmp_path, write_tree):
    root = write_tree(tmp_path, [f"{c}/{i}.jpg" for c in ("real", "fake") for i in range(20)])
    old = TrainingData(fingerprint="", seed=3, valid_from_train=0.2)
    new = TrainingData(fingerprint="", seed=3, valid_from_train=0.2, dealing=2)
    by_rank = load_examples([root], seed=3, valid_from_train=0.2, dealing=1)
    by_hash = load_examples([root], seed=3, valid_from_train=0.2)
    pd.testing.assert_frame_equal(load_as_dealt([root], old), by_rank)
    pd.testing.assert_frame_equal(load_as_dealt([root], new), by_hash)
    assert by_rank["split"].tolist() != by_hash["split"].tolist()


def test_a_set_is_read_as_in_the_training_unless_the_user_says_otherwise(tmp_path, write_tree):
    names = [f"{c}/{c}{v}/{i}.jpg" for c in ("real", "fake") for v in range(4) for i in range(3)]
    root = write_tree(tmp_path, names)
    dealt = TrainingData(fingerprint="", seed=0, dealing=2, group_by="file")
    assert load_as_dealt([root], dealt)["group"].nunique() == 24
    for choice in ("folder", "auto"):
        said = Datasets([root], Choices(group_by=choice))
        assert load_as_dealt(said, dealt)["group"].nunique() == 8
