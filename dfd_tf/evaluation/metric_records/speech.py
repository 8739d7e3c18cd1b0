"""What the field of fake speech reports beside the equal error rate; needs both classes."""

from __future__ import annotations

import numpy as np

from dfd_tf.evaluation.metric_records.record import Metric
from dfd_tf.evaluation.weighted import WeightedScores, where_positive
from dfd_tf.types import Floats

# Of ASVspoof 5 (Wang et al. 2024, arXiv:2408.08739): 5 of 100 trials are fake, and to let one in
# costs ten times what it costs to turn a person away.
SHARE_OF_FAKES, COST_OF_PASSING = 0.05, 10.0


def minimum_cost(scored: WeightedScores) -> Floats:
    """Least detection cost over all thresholds, as a share of what accepting everybody costs."""
    turned_away = (1 - SHARE_OF_FAKES) / (COST_OF_PASSING * SHARE_OF_FAKES)
    fpr = scored.false_alarms / scored.n_real[:, None]
    fnr = 1 - scored.hits / scored.n_fake[:, None]
    cost = np.min(turned_away * fpr + fnr, axis=1, initial=1.0)
    return where_positive(scored.n_fake * scored.n_real, cost)


def likelihood_ratio_cost(scored: WeightedScores) -> Floats:
    """Bits lost where the score's odds are read as a likelihood ratio, each class counted alike.

    Brümmer, du Preez: "Application-independent evaluation of speaker detection", 2006.
    """
    step = np.finfo(np.float64).eps
    clipped = np.clip(scored.scores, step, 1 - step)
    of_class = [-np.log2(1 - clipped) * (scored.labels == 0), -np.log2(clipped) * scored.labels]
    reals, fakes = (scored.weights @ bits for bits in of_class)
    cost = (reals / scored.n_real + fakes / scored.n_fake) / 2
    return where_positive(scored.n_fake * scored.n_real, cost)


RECORDS = (
    Metric(
        "min_dcf",
        "Minimum detection cost",
        "as ASVspoof 5 counts it: 5 % fakes, letting one in costs ten times as much as turning a "
        "person away; 1 is no better than no detector",
        better="lower",
        needs_threshold=False,
        function=minimum_cost,
    ),
    Metric(
        "cllr",
        "Cllr",
        "bits lost where the score is read as a likelihood ratio; 0 is perfect, 1 says nothing",
        better="lower",
        needs_threshold=False,
        function=likelihood_ratio_cost,
    ),
)
