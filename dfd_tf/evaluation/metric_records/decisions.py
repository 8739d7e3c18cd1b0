"""What calling `score >= threshold` fake gives.

Recall needs a fake image, the false-positive rate a real one, precision both classes and an image
called fake, F1 and balanced accuracy both classes; they are undefined otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from dfd_tf.evaluation.metric_records.record import Metric
from dfd_tf.evaluation.weighted import where_positive
from dfd_tf.types import Floats

OfCells = Callable[[Floats, Floats, Floats, Floats], Floats]


def accuracy(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Share of right decisions."""
    return (tp + tn) / ((tn + fp) + (fn + tp))


def balanced_accuracy(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Mean of recall and of the share of real images called real."""
    return (tp / (fn + tp) + tn / (tn + fp)) / 2


def precision(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Of the images called fake, the share that is."""
    return where_positive((tn + fp) * (fn + tp), tp / (tp + fp))


def recall(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Of the fake images, the share called fake."""
    return tp / (fn + tp)


def f1(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Harmonic mean of precision and recall."""
    return where_positive((tn + fp) * (fn + tp), 2 * tp / (2 * tp + fp + fn))


def false_positive_rate(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    """Of the real images, the share called fake."""
    return fp / (tn + fp)


def _decision(name: str, title: str, meaning: str, of_cells: OfCells) -> Metric:
    return Metric(
        name,
        title,
        meaning,
        better="lower" if of_cells is false_positive_rate else "higher",
        needs_threshold=True,
        function=lambda scored: of_cells(*scored.confusion),
    )


RECORDS = (
    _decision("accuracy", "Accuracy", "share of right decisions at the threshold", accuracy),
    _decision(
        "balanced_accuracy",
        "Balanced accuracy",
        "the same, with both classes counting alike",
        balanced_accuracy,
    ),
    _decision(
        "precision",
        "Precision",
        "of the photos called fake, the share that is; as tested",
        precision,
    ),
    _decision("recall", "Recall", "of the fake photos, the share found at the threshold", recall),
    _decision("f1", "F1", "harmonic mean of precision and recall", f1),
    _decision(
        "fpr_at_threshold",
        "False-positive rate",
        "of the real photos, the share wrongly accused",
        false_positive_rate,
    ),
)
