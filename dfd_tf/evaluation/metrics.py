"""The content of metrics.json: every metric with its 95 % interval, over all and by source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dfd_tf.evaluation.bootstrap import FEWEST_GROUPS, bears_interval, group_numbers, resample
from dfd_tf.evaluation.metric_records.record import METRICS
from dfd_tf.evaluation.weighted import WeightedScores, confusion_cells
from dfd_tf.types import Floats

Interval = dict[str, float | None]

LEVEL = 0.95
DECIMALS = 6


def evaluate_scores(
    labels: ArrayLike,
    scores: ArrayLike,
    threshold: float,
    *,
    groups: ArrayLike | None = None,
    sources: ArrayLike | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Measures a detector on images that were judged.

    The intervals are percentile intervals of a stratified cluster bootstrap, described in
    `dfd_tf.evaluation.bootstrap`, each widened to hold its value where it would not; the
    metrics are those of `dfd_tf.evaluation.metric_records`. Where a
    class has fewer than `FEWEST_GROUPS` groups there is no interval, with fewer than about 20 it
    is too narrow, and a rate of exactly 0 or 1 has none beyond itself: read it with the number of
    images beside it.

    Args:
        labels: (n,) 0 for real, 1 for fake; one class may be absent, n may be 0.
        scores: (n,) calibrated P(fake) in [0, 1]; leave out what could not be judged.
        threshold: From this score on an image is called fake.
        groups: (n,) names of what belongs together; unique within a source is enough.
        sources: (n,) names of the data sets that the images come from.
        replicates: Of the bootstrap.
        seed: Of the bootstrap; the same seed gives the same numbers.

    Returns:
        For each metric `{"value", "low", "high"}`, null where it is undefined (replicates in which
        it is undefined are left out) or, for the last two, groups are too few; and `n`, `n_real`,
        `n_fake`, `threshold`, `confusion` (`tn`, `fp`, `fn`, `tp`), `bootstrap` (what was drawn,
        how often) and `per_source` with the same content for every source.

    Raises:
        ValueError: Lengths that differ, labels other than 0 and 1, scores outside [0, 1].
    """
    labels, scores = _checked(labels, scores)
    names = None if sources is None else np.asarray(sources, dtype=object).astype(str)
    if names is not None and len(names) != len(labels):
        raise ValueError(f"{len(names)} sources do not fit {len(labels)} images")
    if names is not None and groups is not None:
        groups = [f"{name}\0{group}" for name, group in zip(names, np.asarray(groups), strict=True)]
    numbers = group_numbers(groups, len(labels))

    def measure(chosen: NDArray[np.bool_]) -> dict[str, Any]:
        part = np.unique(numbers[chosen], return_inverse=True)[1]
        return _measure(labels[chosen], scores[chosen], threshold, part, replicates, seed)

    result = measure(np.ones(len(labels), bool))
    result["threshold"] = round(float(threshold), DECIMALS)
    result["per_source"] = {
        name: measure(names == name) for name in ([] if names is None else sorted(set(names)))
    }
    return result


def auc_with_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    fewest_groups: int = FEWEST_GROUPS,
) -> Interval:
    """The AUC alone, with the interval that `evaluate_scores` gives it; arguments are the same.

    Args:
        labels: see `evaluate_scores`.
        scores: see `evaluate_scores`.
        groups: see `evaluate_scores`.
        fewest_groups: of a class, for an interval.
    """
    return interval_of(*auc_replicates(labels, scores, groups=groups, fewest_groups=fewest_groups))


def auc_replicates(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    replicates: int = 1000,
    seed: int = 0,
    fewest_groups: int = FEWEST_GROUPS,
) -> tuple[float, NDArray[np.float64]]:
    """The AUC and its bootstrap replicates, (replicates,); none where groups are too few.

    With the same labels, groups and seed, replicate i holds the same images whatever the scores:
    differences and means of several detectors or conditions may be formed replicate by replicate.
    """
    labels, scores = _checked(labels, scores)
    numbers = group_numbers(groups, len(labels))
    auc = METRICS["auc"]
    one = auc.of(WeightedScores(labels, scores, np.ones((1, len(labels)))))
    if not bears_interval(labels, numbers, fewest_groups):
        replicates = 0
    blocks = resample(labels, numbers, replicates, seed)
    many = [auc.of(WeightedScores(labels, scores, counts)) for counts in blocks]
    return float(one[0]), np.concatenate([np.empty(0), *many])


def every_metric(scored: WeightedScores) -> dict[str, Floats]:
    """(replicates,) values of every metric by its name; not finite where it is undefined."""
    return {metric.name: metric.of(scored) for metric in METRICS}


def write_metrics(path: str | Path, metrics: Mapping[str, Any]) -> None:
    """Writes metrics as JSON, the same bytes for the same metrics."""
    text = json.dumps(metrics, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    labels, scores = np.asarray(labels).ravel(), np.asarray(scores, np.float64).ravel()
    if len(labels) != len(scores):
        raise ValueError(f"{len(labels)} labels do not fit {len(scores)} scores")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels are 0 (real) or 1 (fake), received {np.unique(labels)[:5]}")
    outside = ~((scores >= 0) & (scores <= 1))
    if outside.any():
        raise ValueError(
            f"{outside.sum()} of {len(scores)} scores are no probabilities, such as "
            f"{scores[outside][0]}; leave out the images that could not be judged"
        )
    return labels.astype(np.int64), scores


def _measure(
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    threshold: float,
    groups: NDArray[np.int64],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    drawn = replicates if len(labels) and bears_interval(labels, groups) else 0
    point = every_metric(WeightedScores(labels, scores, np.ones((1, len(labels))), threshold))
    blocks = [
        every_metric(WeightedScores(labels, scores, counts, threshold))
        for counts in resample(labels, groups, drawn, seed)
    ]
    metrics: Mapping[str, Any] = {
        name: interval_of(
            value[0], np.concatenate([np.empty(0), *(block[name] for block in blocks)])
        )
        for name, value in point.items()
    }
    n_fake, units = int(labels.sum()), len(np.unique(groups))
    cells = confusion_cells(labels, scores >= threshold)
    return {
        **metrics,
        "n": len(labels),
        "n_real": len(labels) - n_fake,
        "n_fake": n_fake,
        "confusion": {
            name: int(cell.sum())
            for name, cell in zip(("tn", "fp", "fn", "tp"), cells, strict=True)
        },
        "bootstrap": {
            "level": LEVEL,
            "replicates": replicates,
            "unit": "image" if units == len(labels) else "group",
            "units": units,
        },
    }


def interval_of(value: float, replicates: NDArray[np.float64]) -> Interval:
    """A value with the percentile interval of its bootstrap replicates, those defined."""
    defined = replicates[np.isfinite(replicates)]
    if not np.isfinite(value) or not len(defined):
        return {"value": _rounded(value), "low": None, "high": None}
    low, high = np.quantile(defined, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    # Resampling adds to a mean of absolute gaps: the ECE of replicates can all exceed the ECE.
    low, high = min(low, value), max(high, value)
    return {"value": _rounded(value), "low": _rounded(low), "high": _rounded(high)}


def _rounded(value: float) -> float | None:
    # The addend turns -0.0 into 0.0, which would otherwise differ in the file.
    return round(float(value), DECIMALS) + 0.0 if np.isfinite(value) else None
