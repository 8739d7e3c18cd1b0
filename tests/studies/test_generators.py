"""Folds without a generator, pairs in its place, and the matrix that comes of it."""

import json

import numpy as np
import pandas as pd
import pytest

from dfd_tf.errors import UserError
from dfd_tf.studies.generators import (
    Part,
    Photos,
    check_folds,
    drawn,
    shown_without,
    study_generators,
    with_generators,
)
from dfd_tf.studies.generators_table import write_matrix

TRACE, DOMAIN = 0, 1  # what generators share, and what only tells sources apart


def examples():
    rows = [
        (f"/{source}/{split}/{label}/{name}_{n}.png", source, split, label)
        for source in ("a", "b", "c")
        for split in ("train", "test")
        for label in (0, 1)
        for n in range(40)
        for name in (("x", "y")[n % 2] if source == "c" and label else "p",)
    ]
    table = pd.DataFrame(rows, columns=["path", "source", "split", "label"])
    return table.assign(file=table.path, group=table.path)


PARTS = [Part("cx", "c", "x_*"), Part("cy", "c", "y_*")]


def photos(table):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(len(table), 6)).astype("float32")
    features[:, TRACE] += 4 * table.label
    # A trace of its own that the third source's fakes alone carry, the other way round.
    features[:, DOMAIN] += 9 * (table.source == "c") * (1 - 2 * table.label)
    return Photos(table, features)


@pytest.fixture(scope="module")
def table():
    return with_generators(examples(), PARTS)


def test_generators_are_sources_or_their_parts(table):
    assert set(table.generator) == {"", "a", "b", "cx", "cy"}
    assert set(table.generator[table.label == 0]) == {""}
    with pytest.raises(UserError, match=r"no fake of 'a' has a name like 'z_\*'"):
        with_generators(examples(), [Part("z", "a", "z_*")])


def test_reals_go_with_the_only_generator_that_stood_against_them(table):
    whole = photos(table)
    without_a = shown_without(whole, "a", "").table
    assert set(without_a.source) == {"b", "c"} and set(without_a.split) == {"train"}
    without_x = shown_without(whole, "cx", "").table
    assert set(without_x.generator) == {"", "a", "b", "cy"}
    assert "c" in set(without_x.source[without_x.label == 0])


def test_pairs_of_the_left_out_source_are_not_learned_from(table):
    pairs = table[(table.split == "train")].assign(recipe="copies", generator="")
    both = photos(pd.concat([table, pairs], ignore_index=True))
    assert set(shown_without(both, "a", "copies").table.source) == {"b", "c"}
    rows = study_generators(both, "tiny")
    assert [row.learned_from for row in rows] == ["fakes of the others", "copies"]


def test_what_generators_share_is_found_and_the_rest_is_not(table, tmp_path):
    (row,) = study_generators(photos(table), "tiny")
    assert row.auc["a"]["value"] > 0.9
    assert list(row.auc) == list(row.auc_other_reals) == ["a", "b", "cx", "cy"]
    assert row.mean["value"] == pytest.approx(
        np.mean([cell["value"] for cell in row.auc.values()]), abs=1e-5
    )
    assert row.auc[row.worst]["value"] == min(cell["value"] for cell in row.auc.values())
    assert row.mean["low"] <= row.mean["value"] <= row.mean["high"]
    printed = write_matrix(tmp_path, [row])
    assert printed == (tmp_path / "generators.md").read_text()
    assert json.loads((tmp_path / "generators.json").read_text())[0]["worst"] == row.worst
    assert (tmp_path / "generators.png").stat().st_size > 5000


def test_one_generator_alone_cannot_be_left_out(table):
    alone = table[table.source == "a"].reset_index(drop=True)
    with pytest.raises(UserError, match="takes two or more"):
        study_generators(photos(alone), "tiny")


def test_the_draw_is_the_same_again_and_heeds_every_part(table):
    few = drawn(table, 5, 0)
    assert few.groupby(["source", "generator", "split"]).size().max() == 5
    assert set(few.generator) == set(table.generator)
    assert few.equals(drawn(table, 5, 0))


def test_a_recipe_without_photos_of_both_classes_is_refused_at_once(table):
    check_folds(table)
    pairs = table[(table.source == "a") & (table.split == "train")]
    pairs = pairs.assign(recipe="copies", generator="")
    with pytest.raises(UserError, match="without 'a', 'copies' has photos of one class only"):
        check_folds(pd.concat([table, pairs], ignore_index=True))
