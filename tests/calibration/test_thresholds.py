"""Thresholds hold for each source of real photos, and for photos that are yet to come."""

import json

import numpy as np
import pytest

from dfd_tf.calibration import Accused, Threshold, fit_thresholds

RNG = np.random.default_rng(0)


def rates(thresholds, scores):
    return [np.mean(scores >= threshold.value) for threshold in thresholds]


def test_the_source_that_looks_most_fake_sets_the_threshold():
    calm, suspect = RNG.beta(1, 9, 2000), RNG.beta(2, 4, 500)
    names = np.repeat(["calm", "suspect"], (2000, 500))
    found = fit_thresholds(np.concatenate([calm, suspect]), names)
    alone = fit_thresholds(suspect, np.full(500, "suspect"))
    assert [t.value for t in found] == [t.value for t in alone]
    assert all(np.array(rates(found, suspect)) <= [0.1, 0.05, 0.01])
    pooled = fit_thresholds(np.concatenate([calm, suspect]), np.full(2500, "all"))
    assert rates(pooled, suspect)[1] > 0.1  # what it would have been


def test_the_rate_holds_on_average_for_new_photos_of_a_small_source():
    accused = []
    for _ in range(400):
        known, new = RNG.normal(size=84), RNG.normal(size=2000)
        accused.append(rates(fit_thresholds(known, np.full(84, "one")), new))
    assert (np.mean(accused, axis=0) <= [0.102, 0.052, 0.0145]).all()
    # At 1 % it just spares the highest of 84, and the next one passes that with 1 in 85.


@pytest.mark.parametrize(("small", "expected"), [(15, "large"), (60, "pool")])
def test_small_sources_are_pooled_and_never_counted_alone(small, expected):
    large = RNG.uniform(0, 0.5, 800)
    tiny = [RNG.uniform(0.5, 1, small) for _ in range(2)]
    scores = np.concatenate([large, *tiny])
    names = np.repeat(["large", "a", "b"], (800, small, small))
    at_five_percent = fit_thresholds(scores, names)[1].value
    together = {"large": scores, "pool": np.concatenate(tiny)}[expected]
    assert at_five_percent == fit_thresholds(together, np.full(len(together), "x"))[1].value


def test_thresholds_rise_where_only_the_higher_rate_has_a_source_of_its_own():
    # At 5 % the 100 photos set the threshold, at 1 % they are too few and drown in the pool.
    scores = np.concatenate([RNG.uniform(0, 0.1, 40_000), RNG.uniform(0.8, 1, 100)])
    found = fit_thresholds(scores, np.repeat(["large", "small"], (40_000, 100)))
    assert found[0].value <= found[1].value <= found[2].value


def test_what_each_source_pays_is_kept():
    scores = np.concatenate([RNG.uniform(0, 0.5, 100), RNG.uniform(0, 1, 100)])
    found = fit_thresholds(scores, np.repeat(["a", "b"], 100))[1]
    assert found.by_source == {"a": Accused(100, 0), "b": Accused(100, 4)}
    assert found.by_source["b"].rate == 0.04
    assert Threshold.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    old = {"fpr": 0.05, "value": 0.5, "n_real": 3}
    assert Threshold.from_dict(old).to_dict() == old
