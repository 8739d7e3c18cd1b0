"""No detector is measured on what it was trained on."""

from __future__ import annotations

import hashlib
import shutil

import pandas as pd
import pytest

from dfd_tf.data.sets.seen_files import read_seen, without_seen, write_seen
from dfd_tf.errors import UserError


@pytest.fixture
def examples(tmp_path, write_tree):
    root = write_tree(tmp_path / "set", [f"{i}.jpg" for i in range(6)])
    return pd.DataFrame({"path": [str(root / f"{i}.jpg") for i in range(6)], "split": "test"})


def digest(path: str) -> str:
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def test_a_list_is_written_sorted_and_short_and_read_back(tmp_path, examples):
    seen = [digest(path) for path in examples["path"][[3, 1, 3]]]
    write_seen(tmp_path, seen)
    expected = sorted({each[:16] for each in seen})
    assert (tmp_path / "trained_on.bin").read_bytes() == bytes.fromhex("".join(expected))
    assert read_seen(tmp_path) == set(expected)
    assert read_seen(tmp_path / "set") == frozenset()


def test_what_was_trained_on_is_left_out_of_a_test_under_any_name(tmp_path, examples, caplog):
    write_seen(tmp_path, [digest(path) for path in examples["path"][:2]])
    copy = shutil.copy(examples["path"][0], tmp_path / "other name.png")
    more = pd.concat([examples, pd.DataFrame({"path": [str(copy), "/gone"], "split": "test"})])
    left = without_seen(more, read_seen(tmp_path))
    assert left["path"].tolist() == [*examples["path"][2:], "/gone"]
    assert "3 images that the detector was trained on; the first is" in caplog.text


def test_a_test_of_nothing_else_is_refused(tmp_path, examples):
    write_seen(tmp_path, [digest(path) for path in examples["path"]])
    with pytest.raises(UserError, match=r"trained on every one of these 6 images"):
        without_seen(examples, read_seen(tmp_path))
