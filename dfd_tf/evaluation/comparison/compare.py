"""Two detectors on the same images: is the one really better than the other?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, norm, rankdata

from dfd_tf.errors import UserError
from dfd_tf.evaluation.metrics import LEVEL, auc_replicates, interval_of
from dfd_tf.types import Floats


def compare_predictions(
    first: pd.DataFrame, second: pd.DataFrame, thresholds: tuple[float, float]
) -> dict[str, Any]:
    """Compare the judgements of two detectors, image by image.

    Args:
        first: a detector's predictions, with label, score, source and group.
        second: the other's, of the same files in the same order.
        thresholds: the score from which each calls an image fake.

    Returns:
        ``n``, ``n_real``, ``n_fake``, ``n_failed`` (not judged by both), ``auc`` of both with
        intervals, ``auc_difference`` (first less second: bootstrap by group, ``value``, ``low``,
        ``high``; and DeLong's ``z`` and ``p``, which take images as independent), ``mcnemar`` over
        all images and by class, and ``per_source`` with the difference and its interval.

    Raises:
        UserError: fewer than one real and one fake image were judged by both.
    """
    usable = (first["score"].notna() & second["score"].notna()).to_numpy()
    table = first[usable].reset_index(drop=True)
    labels = table["label"].to_numpy(np.int64)
    if len(np.unique(labels)) < 2:
        raise UserError("a comparison needs real and fake images that both detectors can judge")
    scores = [part["score"].to_numpy(np.float64)[usable] for part in (first, second)]
    groups = (table["source"] + "\0" + table["group"].astype(str)).to_numpy()
    rights = [
        (values >= threshold) == (labels == 1)
        for values, threshold in zip(scores, thresholds, strict=True)
    ]
    return {
        "n": len(table),
        "n_real": int((labels == 0).sum()),
        "n_fake": int((labels == 1).sum()),
        "n_failed": int((~usable).sum()),
        **_auc_difference(labels, scores, groups),
        "delong": delong(labels, *scores),
        "mcnemar": {
            name: mcnemar(rights[0][chosen], rights[1][chosen])
            for name, chosen in (("all", labels >= 0), ("real", labels == 0), ("fake", labels == 1))
        },
        "per_source": {
            str(source): _auc_difference(labels[rows], [s[rows] for s in scores], groups[rows])
            for source, rows in table.groupby("source").indices.items()
            if len(np.unique(labels[rows])) == 2
        },
    }


def delong(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> dict[str, float]:
    """DeLong's test of two correlated AUCs (DeLong et al. 1988, by Sun and Xu's ranks, 2014).

    Args:
        labels: (n,) 0 for real, 1 for fake, both there.
        first: (n,) scores of the one detector.
        second: (n,) scores of the other, on the same images.

    Returns:
        ``difference`` of the AUCs, its ``low`` and ``high``, ``z`` and the two-sided ``p``.
    """
    fake = np.asarray(labels) == 1
    aucs, of_fakes, of_reals = zip(
        *(_placements(np.asarray(scores, np.float64), fake) for scores in (first, second)),
        strict=True,
    )
    difference = aucs[0] - aucs[1]
    variance = sum(
        np.var(parts[0] - parts[1], ddof=1) / len(parts[0]) if len(parts[0]) > 1 else np.nan
        for parts in (of_fakes, of_reals)
    )
    error = float(np.sqrt(variance))
    if not error:  # the same ranking
        return {"difference": difference, "low": difference, "high": difference, "z": 0.0, "p": 1.0}
    half, z = norm.ppf((1 + LEVEL) / 2) * error, difference / error
    return {
        "difference": float(difference),
        "low": float(difference - half),
        "high": float(difference + half),
        "z": float(z),
        "p": float(2 * norm.sf(abs(z))),
    }


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> dict[str, Any]:
    """McNemar's exact test of right (True) and wrong decisions on the same images."""
    only_first, only_second = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    parted = only_first + only_second
    return {
        "both_right": int(np.sum(first & second)),
        "only_first_right": only_first,
        "only_second_right": only_second,
        "both_wrong": int(np.sum(~first & ~second)),
        "p": float(binomtest(only_first, parted).pvalue) if parted else 1.0,
    }


def _placements(scores: Floats, fake: NDArray[np.bool_]) -> tuple[float, Floats, Floats]:
    """The AUC, the share of reals below each fake and the share of fakes above each real."""
    ranks, n_fake, n_real = rankdata(scores), int(fake.sum()), int((~fake).sum())
    of_fakes = (ranks[fake] - rankdata(scores[fake])) / n_real
    of_reals = 1 - (ranks[~fake] - rankdata(scores[~fake])) / n_fake
    return float(of_fakes.mean()), of_fakes, of_reals


def _auc_difference(
    labels: NDArray[np.int64], scores: list[Floats], groups: NDArray[np.object_]
) -> dict[str, Any]:
    """Both AUCs and their difference, from replicates that hold the same images for both."""
    (one, ones), (two, twos) = (auc_replicates(labels, s, groups=groups) for s in scores)
    return {
        "auc": [interval_of(one, ones), interval_of(two, twos)],
        "auc_difference": interval_of(one - two, ones - twos),
    }
