import numpy as np
import pytest
from scipy.special import expit

from dfd_tf.calibration.choose_map import choose_map
from dfd_tf.calibration.maps import Beta, Isotonic
from dfd_tf.errors import UserError


def drawn(n, bend, seed=0):
    """Logits whose true log-odds are `bend` of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, n)
    return logits, (rng.random(n) < expit(bend(logits))).astype(int), np.arange(n) // 2


def choose(n, bend, name="auto"):
    return choose_map(*drawn(n, bend), name=name, seed=0)


def test_a_pure_stretch_needs_no_more_than_a_temperature():
    mapping, losses = choose(2000, lambda z: 0.6 * z)
    assert mapping is None
    assert set(losses) == {"temperature", "beta", "isotonic"}


def test_a_shift_is_found_by_beta_calibration():
    mapping, losses = choose(4000, lambda z: 0.8 * z - 1.5)
    assert isinstance(mapping, Beta)
    assert (mapping.a, mapping.b, mapping.c) == pytest.approx((0.8, 0.8, -1.5), abs=0.25)
    assert losses["beta"] < losses["temperature"]


def test_a_step_is_found_by_isotonic_regression():
    mapping, _ = choose(4000, lambda z: 2.0 * np.sign(z - 1) + 0.05 * z)
    assert isinstance(mapping, Isotonic)
    assert expit(mapping.log_odds(np.array([-1.0, 3.0]))) == pytest.approx([0.12, 0.88], abs=0.05)


def test_few_images_get_a_temperature_and_a_named_map_is_taken():
    assert choose(60, lambda z: z - 2) == (None, {})
    for name, kind in (("beta", Beta), ("isotonic", Isotonic)):
        mapping, losses = choose(60, lambda z: z, name)
        assert isinstance(mapping, kind) and losses == {}


def test_maps_keep_the_ranking_of_any_logits():
    for name in ("beta", "isotonic"):
        mapping, _ = choose(3000, lambda z: np.sin(2 * z) + z, name)
        assert (np.diff(mapping.log_odds(np.linspace(-9, 9, 500))) > 0).all()


def test_logits_that_fall_where_fakes_are_get_a_temperature():
    labels = np.arange(400) % 2
    logits = np.random.default_rng(0).normal(size=400) - labels
    groups = np.arange(400)
    mapping, losses = choose_map(logits, labels, groups, name="auto", seed=0)
    assert mapping is None
    assert "temperature" in losses
    assert "beta" not in losses
    with pytest.raises(UserError, match="no rising map"):
        choose_map(logits, labels, groups, name="beta", seed=0)
