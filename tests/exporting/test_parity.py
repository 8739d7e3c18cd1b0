import numpy as np
import pytest

from dfd_tf.detectors.detector import Judgement
from dfd_tf.exporting.parity import LIMITS, compare

LABELS = np.arange(64) % 2


def judged(scores):
    return [
        Judgement(
            str(i), score, "error" if np.isnan(score) else ["real", "fake"][int(score > 0.5)], "", 0
        )
        for i, score in enumerate(scores)
    ]


@pytest.fixture
def scores():
    return 0.3 + 0.4 * LABELS + np.linspace(0, 0.1, 64)


def test_the_same_scores_pass(scores):
    parity = compare(judged(scores), {"a": judged(scores)}, LABELS, LIMITS["saved_model"])
    assert parity["passed"] and parity["n"] == 64 and parity["auc"] == 1
    assert parity["roads"]["a"]["max_difference"] == 0


def test_differences_and_flips_are_counted(scores):
    other = scores.copy()
    other[:2] += [0.001, 0.5]
    parity = compare(judged(scores), {"a": judged(other)}, LABELS, LIMITS["none"])
    road = parity["roads"]["a"]
    assert not parity["passed"]
    assert road["max_difference"] == pytest.approx(0.5)
    assert road["mean_difference"] == pytest.approx(0.501 / 64)
    assert road["decision_flips"] == 0  # 0.7 became 1.2, still fake


def test_int8_must_also_rank_alike(scores):
    close = 0.5 + 0.001 * (scores - 0.5)
    swapped = close[::-1].copy()
    parity = compare(judged(close), {"a": judged(swapped)}, LABELS, LIMITS["int8"])
    assert parity["roads"]["a"]["max_difference"] < 0.03
    assert parity["roads"]["a"]["auc_drop"] == 1
    assert not parity["passed"]


def test_distances_may_move_as_little_as_scores(scores):
    near, far = ([row._replace(distances=(d, 2.0)) for row in judged(scores)] for d in (1.0, 1.5))
    for kind in ("none", "int8"):
        parity = compare(near, {"a": far, "b": judged(scores)}, LABELS, LIMITS[kind])
        assert parity["roads"]["a"]["distance_difference"] == pytest.approx(0.25)
        assert parity["roads"]["a"]["passed"] is False
        assert parity["roads"]["b"]["passed"]  # it does not tell its distances


@pytest.mark.parametrize("verdict", ["error", "not applicable"])
def test_a_road_without_a_score_fails_and_an_unusable_image_does_not(scores, verdict):
    lost, unusable = scores.copy(), scores.copy()
    lost[3] = unusable[5] = np.nan
    engine = judged(unusable)
    engine[5] = engine[5]._replace(verdict=verdict)
    parity = compare(engine, {"a": list(engine)}, LABELS, LIMITS["none"])
    assert parity["passed"] and parity["n"] == 63 and parity["n_failed"] == 1
    parity = compare(judged(scores), {"a": judged(lost)}, LABELS, LIMITS["none"])
    assert not parity["passed"] and parity["roads"]["a"]["decision_flips"] == 1
