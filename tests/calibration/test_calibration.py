"""Temperature, thresholds and verdicts against cases worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit

from dfd_tf import calibration
from dfd_tf.calibration import Calibration, Threshold
from dfd_tf.calibration.fit import TEMPERATURE_RANGE, fit_calibration, fit_on_reals
from dfd_tf.calibration.maps import Beta, Isotonic, map_from_dict
from dfd_tf.errors import UserError


def with_thresholds(low: float, middle: float, high: float) -> Calibration:
    values = zip((0.10, 0.05, 0.01), (low, middle, high), strict=True)
    return Calibration(1.0, tuple(Threshold(rate, value, 100) for rate, value in values), 200)


def overlapping(n: int, stretch: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose sigmoid, after division by `stretch`, is the true probability of a fake."""
    rng = np.random.default_rng(seed)
    true_logits = rng.normal(0, 2, n)
    return stretch * true_logits, (rng.random(n) < expit(true_logits)).astype(int)


@pytest.mark.parametrize("stretch", [0.3, 1.0, 4.0])
def test_fit_finds_the_temperature_that_the_logits_were_stretched_by(stretch: float) -> None:
    fitted = fit_calibration(*overlapping(20_000, stretch))
    assert fitted.temperature == pytest.approx(stretch, rel=0.05)
    assert fitted.n_valid == 20_000


def test_temperature_is_at_the_minimum_of_the_log_loss() -> None:
    logits, labels = overlapping(2000, 3.0)
    best = fit_calibration(logits, labels).temperature
    signs = 2 * labels - 1
    losses = [np.logaddexp(0, -signs * logits / (best * f)).mean() for f in (0.9, 1.0, 1.1)]
    assert losses[1] == min(losses)


def test_separated_logits_get_the_confidence_that_their_number_carries() -> None:
    logits, labels = np.repeat([-3.0, 3.0], 99), np.repeat([0, 1], 99)
    fitted = fit_calibration(logits, labels)
    # All logits alike, so the best score is Platt's target itself: 100 / 101.
    assert calibration.scores(3.0, fitted) == pytest.approx(100 / 101, abs=1e-4)


@pytest.mark.parametrize(("scale", "limit"), [(-1.0, 1), (1e-9, 0), (1e9, 1)])
def test_temperature_without_a_finite_optimum_ends_at_the_range(scale: float, limit: int) -> None:
    logits, labels = overlapping(500, 1.0)
    fitted = fit_calibration(scale * logits, labels)
    assert fitted.temperature == pytest.approx(TEMPERATURE_RANGE[limit], rel=1e-3)


def test_thresholds_are_the_smallest_scores_that_keep_the_rate_for_one_more_photo() -> None:
    rng = np.random.default_rng(1)
    logits = np.concatenate([rng.normal(-1, 1, 199), rng.normal(1, 1, 50)])
    labels = np.repeat([0, 1], (199, 50))
    fitted = fit_calibration(logits, labels)
    reals = calibration.scores(logits[labels == 0], fitted)
    # With the new photo they are 200; 20, 10 and 2 of them may be accused, and it may be one.
    assert [int(np.sum(reals >= t.value)) for t in fitted.thresholds] == [19, 9, 1]
    assert [int(np.sum(reals >= np.nextafter(t.value, 0))) for t in fitted.thresholds] == [
        20,
        10,
        2,
    ]
    assert {t.n_real for t in fitted.thresholds} == {199}


def test_few_reals_put_the_one_percent_threshold_just_above_the_highest() -> None:
    logits, labels = [-2.0, -1.0, 0.5, 2.0], [0, 0, 0, 1]
    fitted = fit_calibration(logits, labels)
    highest = float(calibration.scores(0.5, fitted))
    assert fitted.threshold == np.nextafter(highest, 1) > highest
    assert {t.value for t in fitted.thresholds} == {fitted.threshold}


def test_tied_reals_are_spared_together() -> None:
    logits, labels = np.repeat([0.0, 1.0], (100, 100)), np.repeat([0, 1], 100)
    fitted = fit_calibration(logits, labels)
    assert np.mean(calibration.scores(logits[:100], fitted) >= fitted.threshold) == 0


def test_reals_at_a_score_of_one_leave_nothing_to_accuse() -> None:
    logits = np.concatenate([np.full(50, 1e5), np.full(50, 1e5)])
    fitted = fit_calibration(logits, np.repeat([0, 1], 50))
    assert set(calibration.verdicts(calibration.scores(logits, fitted), fitted)) == {"real"}


def test_scores_survive_extreme_logits() -> None:
    with np.errstate(all="raise"):
        values = calibration.scores([-1e4, 0.0, 1e4, np.nan], with_thresholds(0.4, 0.5, 0.6))
    np.testing.assert_array_equal(values, [0.0, 0.5, 1.0, np.nan])


def test_verdicts_at_the_limits_of_the_band() -> None:
    fitted = with_thresholds(0.38, 0.5, 0.61)
    assert fitted.band == (0.38, 0.61) and fitted.threshold == 0.5
    given = calibration.verdicts([0.0, 0.379, 0.38, 0.609, 0.61, 1.0, np.nan], fitted)
    assert given == ["real", "real", "inconclusive", "inconclusive", "fake", "fake", "error"]


def test_reason_names_the_band_and_only_where_the_score_is_inside() -> None:
    fitted = with_thresholds(0.38, 0.5, 0.61)
    expected = "score 0.43 lies between the thresholds at 10 % and 1 % false positives (0.38, 0.61)"
    assert calibration.reason_for(0.43, fitted) == expected
    assert [calibration.reason_for(s, fitted) for s in (0.1, 0.9, float("nan"))] == [""] * 3


def test_reason_takes_the_decimals_that_a_narrow_band_needs() -> None:
    reason = calibration.reason_for(0.99951, with_thresholds(0.9991, 0.9993, 0.9999))
    assert "score 0.9995 " in reason and "(0.9991, 0.9999)" in reason


def test_json_round_trip_is_exact() -> None:
    fitted = fit_calibration(*overlapping(300, 1.7))
    assert Calibration.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ([0.0, np.nan, np.inf], [0, 1, 1], r"2 of 3 .*number 1 is nan, number 2 is inf"),
        ([0.0, 1.0], [1, 1], "0 real and 2 fake"),
        ([0.0, 1.0], [0, 2], r"labels are 0 \(real\) or 1 \(fake\)"),
        ([0.0], [0, 1], "1 logits do not fit 2 labels"),
        ([], [], "0 real and 0 fake"),
    ],
)
def test_fit_refuses_what_it_cannot_learn_from(logits: list, labels: list, message: str) -> None:
    with pytest.raises(UserError, match=message):
        fit_calibration(logits, labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0}, "positive number"),
        ({"temperature": None}, "malformed"),
        ({"thresholds": []}, "false-positive rates"),
        ({"n_valid": ...}, "lacks 'n_valid'"),
    ],
)
def test_from_dict_refuses_a_broken_record(change: dict, message: str) -> None:
    record = {**with_thresholds(0.4, 0.5, 0.6).to_dict(), **change}
    record = {key: value for key, value in record.items() if value is not ...}
    with pytest.raises(UserError, match=message):
        Calibration.from_dict(record)


def test_falling_thresholds_are_refused() -> None:
    with pytest.raises(UserError, match="must rise"):
        with_thresholds(0.6, 0.5, 0.4)


def test_without_fakes_there_are_thresholds_and_no_probabilities() -> None:
    logits, labels = overlapping(400, 1.0)
    reals = logits[labels == 0]
    fitted = fit_on_reals(reals)
    assert not fitted.calibrated
    assert fitted.temperature == 1
    accused = calibration.scores(reals, fitted) >= fitted.threshold
    assert accused.mean() == pytest.approx(0.05, abs=2 / len(reals))
    assert Calibration.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted
    older = {name: value for name, value in fitted.to_dict().items() if name != "calibrated"}
    assert Calibration.from_dict(older).calibrated
    with pytest.raises(UserError, match="received none"):
        fit_on_reals([])


MAPS = [Beta(0.8, 1.7, -0.4), Isotonic((-2.0, -0.5, 1.0), (-3.0, 0.1, 0.9), 0.7)]


@pytest.mark.parametrize("mapping", MAPS, ids=["beta", "isotonic"])
def test_maps_rise_strictly_and_survive_json(mapping) -> None:
    logits, labels = overlapping(400, 1.0)
    fitted = fit_calibration(logits, labels, mapping=mapping, max_error=0.05)
    assert Calibration.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted
    places = np.linspace(-30, 30, 2001)
    assert (np.diff(mapping.log_odds(places)) > 0).all()
    assert np.isnan(calibration.scores(np.nan, fitted))
    reals = calibration.scores(logits[labels == 0], fitted)
    assert np.mean(reals >= fitted.threshold) <= 0.05


def test_beta_is_its_formula_and_isotonic_its_knots() -> None:
    p = np.array([0.1, 0.5, 0.97])
    expected = 0.8 * np.log(p) - 1.7 * np.log(1 - p) - 0.4
    np.testing.assert_allclose(MAPS[0].log_odds(np.log(p / (1 - p))), expected)
    np.testing.assert_allclose(
        MAPS[1].log_odds(np.array([-3.0, -2.0, -1.25, -0.5, 0.25, 1.0, 2.0])),
        [-3.7, -3.0, -1.45, 0.1, 0.5, 0.9, 1.6],
    )


@pytest.mark.parametrize(
    "stored",
    [
        {"kind": "beta", "a": -1, "b": 1, "c": 0},
        {"kind": "beta", "a": 1},
        {"kind": "pickle"},
        {"kind": "isotonic", "logits": [0, 1], "log_odds_at": [1, 0], "slope": 1},
        {"kind": "isotonic", "logits": [0, 1], "log_odds_at": [0], "slope": 1},
    ],
)
def test_maps_that_are_none_are_refused(stored: dict) -> None:
    with pytest.raises(UserError):
        map_from_dict(stored)


@pytest.mark.parametrize("max_error", [0.06, 0.1, 0.9])
def test_wrong_verdicts_stay_under_the_bound_and_the_band_is_no_wider_than_needed(
    max_error: float,
) -> None:
    logits, labels = overlapping(3000, 1.0)
    fitted = fit_calibration(logits, labels, max_error=max_error)
    values = calibration.scores(logits, fitted)
    verdicts = np.array(calibration.verdicts(values, fitted))
    given = verdicts != "inconclusive"
    wrong = np.mean((verdicts[given] == "fake") != (labels[given] == 1))
    assert wrong == pytest.approx(fitted.selective.error) and wrong <= max_error
    assert given.mean() == pytest.approx(fitted.selective.coverage)
    plain = fit_calibration(logits, labels)
    if max_error == 0.9:
        assert fitted.band == plain.band
        assert "thresholds at 10 %" in calibration.reason_for(fitted.band[0], fitted)
    else:
        assert wrong > max_error - 0.01
        assert f"at most {max_error:.0%} of".replace("%", " %") in calibration.reason_for(
            fitted.band[0], fitted
        )


def test_a_bound_that_cannot_be_kept_is_told_by_the_true_error() -> None:
    labels = np.arange(400) % 2
    fitted = fit_calibration(np.random.default_rng(0).normal(size=400), labels, max_error=0.01)
    assert fitted.selective.error > 10 * fitted.selective.max_error
    assert fitted.selective.coverage < 0.1


def test_of_no_source_more_fakes_are_called_real_than_the_bound_allows() -> None:
    """A small hard source among an easy one: 19 of its 200 new fakes, not a tenth of all."""
    rng = np.random.default_rng(0)
    logits = np.concatenate(
        [rng.normal(-3, 1, 1000), rng.normal(4, 1, 2000), rng.normal(-2, 1, 200)]
    )
    labels = np.repeat([0, 1, 1], [1000, 2000, 200])
    sources = np.repeat(["reals", "easy", "hard"], [1000, 2000, 200])
    fitted = fit_calibration(logits, labels, sources=sources, max_error=0.1)
    verdicts = np.array(calibration.verdicts(calibration.scores(logits, fitted), fitted))
    hard = verdicts[sources == "hard"] == "real"
    # Below the 20th lowest of 200 a new one lies with probability 20 / 201.
    assert hard.sum() == 19 == fitted.selective.missed["hard"].missed
    assert fitted.selective.missed["easy"].missed == np.sum(verdicts[sources == "easy"] == "real")
    assert calibration.Calibration.from_dict(fitted.to_dict()) == fitted
    pooled = fit_calibration(logits, labels, max_error=0.1)
    assert pooled.selective.low > fitted.selective.low


def test_without_an_allowance_no_fake_of_the_validation_is_called_real() -> None:
    logits, labels = overlapping(300, 1.0)
    fitted = fit_calibration(logits, labels, max_error=0.0)
    assert fitted.selective.missed["all"].missed == 0


def test_risk_and_coverage_by_hand() -> None:
    fitted = with_thresholds(0.4, 0.5, 0.6)
    coverage, risk, _ = calibration.risk_coverage([0.9, 0.45, 0.2, 0.7], [1, 1, 0, 0], fitted)
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3, 1 / 2])
