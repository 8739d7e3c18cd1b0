"""AUC of anything that ranks images, for every source and split."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from dfd_tf.evaluation.metrics import Interval, auc_with_interval

# Splits that no training has seen, in the words of a table.
TEST_SPLITS = {"test": "test", "valid_own": "valid"}


def held_out(examples: pd.DataFrame) -> pd.DataFrame:
    """The examples of the splits that training and calibration leave alone."""
    return examples[examples.split.isin(TEST_SPLITS)].reset_index(drop=True)


def auc_by_cell(examples: pd.DataFrame, scores: ArrayLike) -> dict[str, Interval]:
    """AUC with its interval for every source and split, such as "140k test".

    Args:
        examples: table with label, group, source and split.
        scores: (n,) of any range, higher = fake; NaN for images that could not be scored.
    """
    table = examples.assign(score=np.asarray(scores, np.float64)).dropna(subset="score")
    cells = {}
    for (source, split), part in table.groupby(["source", "split"], sort=True):
        # The bootstrap wants scores in [0, 1]; ranks have the same order.
        ranks = rankdata(part.score) / len(part)
        auc = auc_with_interval(part.label.to_numpy(), ranks, groups=part.group.to_numpy())
        cells[f"{source} {TEST_SPLITS.get(str(split), split)}"] = auc
    return cells
