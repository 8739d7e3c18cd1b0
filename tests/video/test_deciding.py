"""Intervals, segments and verdicts, on scores that were made up."""

import numpy as np
import pytest

from dfd_tf.calibration.novelty import OUTSIDE, Novelty
from dfd_tf.calibration.over_time import estimate, trimmed_mean
from dfd_tf.video.deciding.segments import forged_segments
from dfd_tf.video.deciding.thresholds import VideoThresholds
from dfd_tf.video.deciding.verdict import Evidence, overall, rule

LIMITS = VideoThresholds("videos", low=-1.0, high=1.0, level=1.0, crowd=False)


def correlated(rng, n, memory=0.4):
    noise = np.empty(n)
    noise[0] = rng.normal()
    for i in range(1, n):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * rng.normal()
    return noise


def test_a_tenth_of_wild_frames_moves_nothing():
    values = np.zeros(40)
    values[:4] = 1000.0
    assert trimmed_mean(values) == 0


def test_intervals_hold_the_truth_for_frames_that_are_alike():
    rng = np.random.default_rng(0)
    times = np.arange(60) / 4
    found = [estimate(times, 0.5 + correlated(rng, 60)) for _ in range(200)]
    covered = np.mean([e.low <= 0.5 <= e.high for e in found])
    assert covered >= 0.88


def test_a_short_track_is_less_sure_than_a_long_one():
    rng = np.random.default_rng(1)
    long = correlated(rng, 80)
    width = [e.high - e.low for e in (estimate(np.arange(n) / 4, long[:n]) for n in (8, 80))]
    assert width[0] > 2 * width[1]


def test_one_frame_has_an_interval_too():
    assert estimate(np.zeros(1), np.ones(1)).value == 1


@pytest.mark.parametrize("rate", [2, 4, 8])
def test_a_splice_is_found_at_any_rate(rate):
    rng = np.random.default_rng(2)
    times = np.arange(20 * rate) / rate
    inside = (times >= 7) & (times < 10)
    log_odds = np.where(inside, 3.0, -2.0) + correlated(rng, len(times))
    (segment,) = forged_segments(times, log_odds, 0.5)
    shared = min(segment.end, 10) - max(segment.start, 7)
    assert shared / (max(segment.end, 10) - min(segment.start, 7)) >= 0.8


def test_a_wild_frame_is_no_segment():
    log_odds = np.full(40, -2.0)
    log_odds[20] = 50
    assert not forged_segments(np.arange(40) / 4, log_odds, 0.0)


def test_a_forgery_of_three_seconds_does_not_drown_in_a_minute():
    times = np.arange(240) / 4
    log_odds = np.where((times >= 30) & (times < 33), 4.0, -3.0)
    log_odds = log_odds + 0.2 * correlated(np.random.default_rng(3), 240)
    ruling = rule(Evidence(times, log_odds), LIMITS, 1)
    assert ruling.verdict == "fake"
    assert ruling.decisive is not None
    assert ruling.decisive.start == pytest.approx(30, abs=0.3)


def test_nothing_is_claimed_where_the_interval_reaches_over():
    times = np.arange(16) / 4
    wide = Evidence(times, np.where(times < 2, -4.0, 1.0))
    ruling = rule(wide, LIMITS, 1)
    assert ruling.verdict == "inconclusive"


def test_a_crowd_is_not_accused_for_being_one():
    times = np.arange(40) / 4
    suspicious = Evidence(times, np.full(40, 1.5))
    photos = VideoThresholds("photos", -1.0, 1.0, 1.0, crowd=True)
    assert rule(suspicious, photos, 1).verdict == "fake"
    assert rule(suspicious, photos, 12).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("value", "verdict"), [(-3.0, "real"), (3.0, "fake"), (0.0, "inconclusive")]
)
def test_what_is_mostly_outside_gets_no_verdict(value, verdict):
    novelty = Novelty(from_reals=10.0, from_known=10.0, quantile=0.985, n_valid=100)
    times, known, new = np.arange(40) / 4, (5.0, 5.0), (20.0, 20.0)

    def ruled(outside):
        distances = [new] * outside + [known] * (40 - outside)
        evidence = Evidence(times, np.full(40, value), distances=distances)
        return rule(evidence, LIMITS, 1, novelty)

    assert ruled(20).verdict == verdict
    assert ruled(21).verdict == "inconclusive"
    assert (ruled(21).reason == OUTSIDE) == (verdict != "inconclusive")


def test_the_stretch_that_decides_is_what_must_be_known():
    times = np.arange(80) / 4
    forged = (times >= 5) & (times < 10)
    novelty = Novelty(from_reals=10.0, from_known=10.0, quantile=0.985, n_valid=100)
    distances = [(20.0, 20.0) if new else (5.0, 5.0) for new in forged]
    evidence = Evidence(times, np.where(forged, 4.0, -4.0), distances=distances)
    assert rule(evidence, LIMITS, 1).verdict == "fake"
    assert rule(evidence, LIMITS, 1, novelty).reason == OUTSIDE


def test_who_cannot_be_judged_does_not_decide():
    times = np.arange(40) / 4
    real = rule(Evidence(times, np.full(40, -3.0)), LIMITS, 1)
    glimpse = rule(Evidence(times[:2], np.full(2, 9.0)), LIMITS, 1)
    small = rule(Evidence(times[:0], times[:0], too_small=9), LIMITS, 1)
    assert overall([glimpse, real, small])[0] == "real"
    assert overall([small]) == ("not applicable", "the face is too small to be judged", None)
    assert overall([]) == ("not applicable", "no face found", None)
