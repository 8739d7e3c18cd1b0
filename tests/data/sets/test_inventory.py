"""The account of what was read and left out: as text, as CSV, and on the error stream."""

from __future__ import annotations

import logging

import pandas as pd
import pytest

from dfd_tf.cli import main
from dfd_tf.data.sets.examples import load_examples, read_examples


@pytest.fixture
def root(tmp_path, write_tree):
    names = [f"{s}/{c}/{i}.jpg" for s in ("train", "test") for c in ("real", "fake") for i in "ab"]
    root = write_tree(tmp_path / "set", [*names, "cats/1.jpg", "cats/2.jpg"])
    (root / "readme.txt").write_text("mine")
    return root


def test_the_account_is_a_table_for_people(root):
    lines = read_examples([root]).inventory.in_words().splitlines()
    assert lines[0].split() == ["source", "folder", "label", "split", "images", "groups"]
    assert "set     test/fake   fake   test        2       2" in lines
    assert [line.split(maxsplit=2) for line in lines if "/cats" in line] == [
        ["2", "set/cats", "no name of a class or split around it"]
    ]
    assert any(line.endswith("no image (.txt)") for line in lines)


def test_the_account_is_written_as_one_csv(root, tmp_path):
    table, inventory = read_examples([root])
    inventory.write(tmp_path / "dataset.csv")
    written = pd.read_csv(tmp_path / "dataset.csv")
    used = written["left out because"].isna()
    assert written["images"][used].sum() == len(table) == 8
    assert written[~used][["folder", "images", "first"]].to_numpy().tolist() == [
        [".", 1, "readme.txt"],
        ["cats", 2, "cats/1.jpg"],
    ]


def test_who_uses_the_package_is_warned_only_of_images_that_are_lost(root, caplog):
    with caplog.at_level(logging.WARNING):
        load_examples([root])
    assert (
        "set/cats" in caplog.text and "readme" not in caplog.text and "test/fake" not in caplog.text
    )
    caplog.clear()
    for path in (root / "cats").iterdir():
        path.unlink()
    load_examples([root])
    assert caplog.text == ""


def test_a_verb_tells_it_once_on_the_error_stream(root, tmp_path, capfd):
    arguments = ["prepare", "--harmonise", "--data", str(root), "--out", str(tmp_path / "alike")]
    assert main(arguments) == 0
    told = capfd.readouterr()
    assert told.err.count("set/cats") == 1 and "test/fake" in told.err
    assert "set/cats" not in told.out
    assert main([*arguments[:-1], str(tmp_path / "quiet"), "--quiet"]) == 0
    told = capfd.readouterr()
    assert told.err.count("set/cats") == 1 and "test/fake" not in told.err


def test_a_long_table_is_cut_for_people_but_whole_in_the_csv(tmp_path, write_tree):
    names = [f"{c}/{i}.jpg" for c in ("real", "fake") for i in range(4)]
    root = write_tree(tmp_path / "set", [*names, *(f"other{i:02}/1.jpg" for i in range(40))])
    inventory = read_examples([root]).inventory
    assert "... and 16 rows more" in inventory.in_words()
    assert len(inventory.left_out) == 40
