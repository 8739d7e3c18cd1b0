"""How well a small classifier tells real from fake by a few numbers, and what chance allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import fisher_exact
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer
from threadpoolctl import threadpool_limits

from dfd_tf.evaluation.metrics import Interval, auc_with_interval

FOLDS = 5
QUANTILES = 100
MOST_NAMES = 50  # that the classifier tells apart; rarer ones are one
LEAST_CARRIERS = 3


def separability(traits: pd.DataFrame, labels: pd.Series, groups: pd.Series) -> Interval:
    """AUC, with its interval, of telling the classes apart on images not learned from.

    A logistic regression on each number's rank and its square, and on each value of what is no
    number; cross-validated, so that a group is never on both sides. All folds' predictions are
    ranked together. On pure chance that gives 0.5 or a little less.

    Args:
        traits: (n, traits) numbers or names.
        labels: (n,) 0 for real, 1 for fake.
        groups: (n,) what must stay together.

    Returns:
        ``value``, ``low`` and ``high``; 0.5 without an interval where all images are alike, None
        where a class has fewer than two groups.
    """
    if (traits.nunique() <= 1).all():
        return {"value": 0.5, "low": None, "high": None}
    folds = min(FOLDS, groups[labels == 0].nunique(), groups[labels == 1].nunique())
    if folds < 2:
        return {"value": None, "low": None, "high": None}
    scores = np.zeros(len(labels))
    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    with threadpool_limits(1):  # problems so small only lose by being shared between cores
        for train, test in cut.split(traits, labels, groups):
            if labels.iloc[train].nunique() == 2:
                fitted = _classifier(len(train)).fit(traits.iloc[train], labels.iloc[train])
                scores[test] = fitted.predict_proba(traits.iloc[test])[:, 1]
    # Asked is whether they separate at all, and few perfectly separated photos do show that.
    return auc_with_interval(labels, scores, groups=groups, fewest_groups=2)


def _classifier(n: int) -> Pipeline:
    ranks = make_pipeline(
        QuantileTransformer(n_quantiles=min(QUANTILES, n)), FunctionTransformer(_with_squares)
    )
    by_kind = ColumnTransformer(
        [
            ("numbers", ranks, make_column_selector(dtype_include="number")),
            (
                "names",
                OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_NAMES),
                make_column_selector(dtype_exclude="number"),
            ),
        ]
    )
    return make_pipeline(by_kind, LogisticRegression(solver="newton-cholesky"))


def _with_squares(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = 2 * ranks - 1
    return np.hstack([centred, centred**2])


def value_table(values: pd.Series, labels: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """How many independent groups of each class carry each value, and how likely by chance.

    Args:
        values: (n,) names, such as the hash of a quantisation table.
        labels: (n,) 0 for real, 1 for fake.
        groups: (n,) what belongs together: a hundred frames of one video are one witness.

    Returns:
        A row per value (the index) that at least `LEAST_CARRIERS` groups carry, the most telling
        first: ``real`` and ``fake`` (groups that carry it), ``share_real`` and ``share_fake`` (of
        all groups of the class), ``p`` (Fisher's exact test, two-sided, of this value against all
        others).
    """
    rows = pd.DataFrame({"value": values, "label": labels, "group": groups}).drop_duplicates()
    counts = pd.crosstab(rows["value"], rows["label"]).reindex(columns=[0, 1], fill_value=0)
    totals = rows.drop_duplicates(["label", "group"])["label"].value_counts()
    table = counts.set_axis(["real", "fake"], axis="columns")
    for name, label in (("real", 0), ("fake", 1)):
        table[f"share_{name}"] = table[name] / totals[label]
    table = table[counts.sum(axis=1) >= LEAST_CARRIERS].copy()
    table["p"] = [
        _chance(real, fake, totals) for real, fake in zip(table["real"], table["fake"], strict=True)
    ]
    return table.sort_values(["p", "real"], kind="stable")


def _chance(real: int, fake: int, totals: pd.Series) -> float:
    return float(fisher_exact([[real, fake], [totals[0] - real, totals[1] - fake]]).pvalue)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values corrected for having looked so many times (Holm, Scand. J. Statistics 1979)."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(raised, 1)
    return corrected
