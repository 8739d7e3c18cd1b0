"""Measurements that compare the classes say in words that one of them is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dfd_tf.errors import UserError
from dfd_tf.evaluation.classes import require_both_classes, require_judged


def examples(labels: list[int], path: str = "/gone.jpg") -> pd.DataFrame:
    return pd.DataFrame({"path": path, "label": labels, "split": "test"})


def test_a_split_of_one_class_is_refused_in_the_words_of_training():
    require_both_classes(examples([0, 1]))
    with pytest.raises(UserError, match=r"The split 'test' needs real and fake images; it has 2"):
        require_both_classes(examples([0, 0]))


def test_a_class_of_which_nothing_was_judged_is_named_with_the_first_file(tmp_path):
    page = tmp_path / "page.jpg"
    page.write_text("<!doctype html>")
    table = examples([0, 1, 1], str(page))
    require_judged(table, np.array([True, False, True]))
    with pytest.raises(UserError, match=r"not one of the fake images can be judged.*page\.jpg: .+"):
        require_judged(table, np.array([True, False, False]))
