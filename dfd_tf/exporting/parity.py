"""Proof that an exported detector says what the engine says: the same images down every road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from dfd_tf.detectors.detector import Judgement


@dataclass(frozen=True)
class Limit:
    """What an export may differ by.

    Attributes:
        difference: of any score.
        distances: of the distances from what is known, relative, in the mean over the images.
        auc_drop: of the AUC, where the ranking is part of the promise.
    """

    difference: float
    distances: float
    auc_drop: float | None = None


LIMITS = {
    "saved_model": Limit(1e-5, 1e-3),
    "none": Limit(1e-4, 1e-3),
    "float16": Limit(1e-2, 1e-2),
    "dynamic": Limit(1e-2, 5e-2),
    "int8": Limit(3e-2, 5e-2, auc_drop=0.005),
    "mixed": Limit(1e-2, 1e-2, auc_drop=0.005),
}


def compare(
    reference: Sequence[Judgement],
    roads: Mapping[str, Sequence[Judgement]],
    labels: NDArray[np.int64],
    limit: Limit,
) -> dict[str, Any]:
    """Compare roads with the engine on the images that the engine could judge.

    Args:
        reference: the engine's judgements.
        roads: by name, judgements of the same images.
        labels: fake = 1, shape (n,).
        limit: what a road may differ by.

    Returns:
        Counts, the engine's AUC, and for each road its differences and whether it `passed`;
        `passed` over all.
    """
    known = np.isfinite([row.score for row in reference])
    expected = np.array([row.score for row in reference])[known]
    auc = float(roc_auc_score(labels[known], expected))
    compared = {
        name: _compare_one(reference, rows, known, labels, auc, limit)
        for name, rows in roads.items()
    }
    return {
        "n": int(known.sum()),
        "n_fake": int(labels[known].sum()),
        "n_failed": int((~known).sum()),
        "auc": round(auc, 6),
        "roads": compared,
        "passed": all(road["passed"] for road in compared.values()),
    }


def _compare_one(
    reference: Sequence[Judgement],
    rows: Sequence[Judgement],
    known: NDArray[np.bool_],
    labels: NDArray[np.int64],
    auc: float,
    limit: Limit,
) -> dict[str, Any]:
    scores = np.array([row.score for row in rows])[known]
    # A road that gives no score differs by as much as scores can.
    apart = np.abs(scores - np.array([row.score for row in reference])[known])
    apart = np.where(np.isnan(apart), 1.0, apart)
    flips = sum(a.verdict != b.verdict for a, b in zip(reference, rows, strict=True))
    road_auc = float(roc_auc_score(labels[known], np.nan_to_num(scores)))
    drop = auc - road_auc
    ranks = limit.auc_drop is None or drop <= limit.auc_drop
    moved = _distance_difference(reference, rows)
    return {
        "max_difference": float(apart.max()),
        "mean_difference": float(apart.mean()),
        "decision_flips": flips,
        "auc_drop": round(drop, 6),
        "distance_difference": moved,
        "limit": limit.difference,
        "distance_limit": limit.distances,
        "auc_drop_limit": limit.auc_drop,
        "passed": bool(apart.max() <= limit.difference and moved <= limit.distances and ranks),
    }


def _distance_difference(reference: Sequence[Judgement], rows: Sequence[Judgement]) -> float:
    """Mean relative difference of the distances; 0 where a road does not tell its own."""
    pairs = [
        (theirs.distances, ours.distances)
        for ours, theirs in zip(reference, rows, strict=True)
        if ours.distances and theirs.distances
    ]
    if not pairs:
        return 0.0
    theirs, ours = np.array(pairs).transpose(1, 0, 2)
    return float(np.mean(np.abs(theirs / ours - 1)))


def table(parity: Mapping[str, Any]) -> str:
    """The comparison for a person, one line a road."""
    lines = [
        f"{'parity with the engine':22} {'max':>9} {'mean':>9} {'flips':>6} {'AUC drop':>9} "
        f"{'distances':>9} {'limit':>7}   on {parity['n']} images"
    ]
    for name, road in parity["roads"].items():
        lines.append(
            f"{name:22} {road['max_difference']:9.1e} {road['mean_difference']:9.1e} "
            f"{road['decision_flips']:6} {road['auc_drop']:9.4f} "
            f"{road['distance_difference']:9.1e} {road['limit']:7.0e}   "
            f"{'passed' if road['passed'] else 'BEYOND THE LIMIT'}"
        )
    return "\n".join(lines)
