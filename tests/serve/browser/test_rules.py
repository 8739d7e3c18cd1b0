"""The page's scripts beside Python's functions, also for what the default detector has not."""

import base64
from dataclasses import asdict

import cv2
import numpy as np
import pytest
from scipy.special import stdtrit

from dfd_tf import calibration
from dfd_tf.calibration import Calibration, Threshold
from dfd_tf.calibration.maps import Beta, Isotonic
from dfd_tf.calibration.novelty import OUTSIDE, Novelty
from dfd_tf.calibration.over_time import estimate
from dfd_tf.data.preprocess import OWN_SCALE, SIDE_VIEW, Preprocessing

RUN = """async ({ module, name, given, picture }) => {
  const run = (await import(`/page/${module}.js`))[name];
  if (!picture) return run(...given);
  const data = Uint8ClampedArray.from(atob(picture.data), (letter) => letter.charCodeAt(0));
  const pixels = { ...picture, data };
  const made = name === "viewsOf" ? run(...given, pixels) : [run(pixels, ...given)];
  return made.map(({ width, height, data }) => [height, width, [...data]]);
}"""
MAPS = {
    "temperature": None,
    "beta": Beta(0.8, 1.3, -0.4),
    "isotonic": Isotonic((-2.0, 0.5, 3.0), (-3.0, 0.1, 1.5), 0.7),
}
PREPROCESSINGS = {
    "corners": Preprocessing(40, views=5, native_side=64),
    "grid": Preprocessing(40, views=9, native_side=64, grid=8),
    "whole": Preprocessing(40, policy="resize"),
    "views of the whole": Preprocessing(40, policy="resize", views=9),
    "enlarged": Preprocessing(80, views=5, native_side=64),
    "enlarged to the trained scale": Preprocessing(40, views=5, native_side=80),
}
FILTERS = {
    "resizeArea": (cv2.INTER_AREA, [(45, 30), (30, 20), (37, 23), (89, 59)]),
    "resizeLinear": (cv2.INTER_LINEAR, [(135, 90), (91, 61), (180, 120)]),
    "resizeCubic": (cv2.INTER_CUBIC, [(128, 85), (91, 61), (171, 114)]),
}


@pytest.fixture(scope="module")
def run(browser, address):
    """Call a function of one of the page's scripts."""
    page = browser.new_page()
    page.goto(address)

    def call(module, name, *given, pixels=None):
        picture = None
        if pixels is not None:
            height, width = pixels.shape[:2]
            opaque = np.dstack([pixels, np.full((height, width), 255, np.uint8)])
            data = base64.b64encode(opaque.tobytes()).decode()
            picture = {"width": width, "height": height, "data": data}
        given = {"module": module, "name": name, "given": given, "picture": picture}
        return page.evaluate(RUN, given)

    yield call
    page.close()


@pytest.fixture(scope="module")
def pixels():
    """Smooth in one half and noise in the other, RGB."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (60, 90, 3), dtype=np.uint8)
    noise[:, :45] = cv2.GaussianBlur(noise, (0, 0), 3)[:, :45]
    return noise


def rgb(made):
    return [
        np.array(data, np.uint8).reshape(height, width, 4)[..., :3] for height, width, data in made
    ]


@pytest.mark.parametrize("kind", MAPS)
def test_scores_and_reasons(run, kind):
    thresholds = tuple(Threshold(*values, 10) for values in ((0.1, 0.4), (0.05, 0.5), (0.01, 0.6)))
    fitted = Calibration(1.7, thresholds, 20, mapping=MAPS[kind])
    logits = [-40.0, -3.0, -0.3, 0.2, 0.66, 0.7, 2.0, 9.0]
    rules = {
        "band": fitted.band,
        "smallest_face": 50,
        "reasons": {"band": calibration.band_sentence(fitted)},
    }
    expected = calibration.scores(logits, fitted)
    for logit, score, verdict in zip(
        logits, expected, calibration.verdicts(expected, fitted), strict=True
    ):
        assert run("score", "scoreOf", logit, fitted.to_dict()) == pytest.approx(score, abs=1e-12)
        reason = calibration.reason_for(score, fitted)
        assert run("score", "judged", float(score), None, rules) == [verdict, reason]


def test_what_is_new_gets_no_verdict(run):
    novelty = Novelty(from_reals=1.0, from_known=2.0, quantile=0.985, n_valid=9)
    rules = {
        "band": [0.4, 0.6],
        "smallest_face": 50,
        "novelty": asdict(novelty),
        "reasons": {"outside": OUTSIDE},
    }
    for score, verdict in ((0.1, "real"), (0.9, "fake")):
        for distances in ([0.9, 9], [1.1, 0], [3, 3], [1, 1], []):
            new = bool(distances) and novelty.is_new(verdict, distances)
            expected = ["inconclusive", OUTSIDE] if new else [verdict, ""]
            assert run("score", "judged", score, None, rules, distances) == expected


@pytest.mark.parametrize("kind", PREPROCESSINGS)
def test_views(run, pixels, kind):
    rules = PREPROCESSINGS[kind]
    told = {**rules.to_dict(), "own_scale": OWN_SCALE, "side_view": SIDE_VIEW}
    views = rgb(run("crop", "viewsOf", told, pixels=pixels))
    expected = rules.views_of(pixels)
    assert len(views) == len(expected)
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(views, expected, strict=True)) <= 1


@pytest.mark.parametrize("name", FILTERS)
def test_filters(run, pixels, name):
    flag, sizes = FILTERS[name]
    for size in sizes:
        (ours,) = rgb(run("resize", name, *size, pixels=pixels))
        theirs = cv2.resize(pixels, size, interpolation=flag)
        different = ours != theirs
        # OpenCV's cubic filter has roads of its own on some processors; they differ in roundings.
        assert different.mean() <= (0.1 if name == "resizeCubic" else 0)
        assert np.abs(ours.astype(int) - theirs).max() <= (1 if name == "resizeCubic" else 0)


def test_a_running_score_and_its_interval_are_those_of_a_video(run):
    rng = np.random.default_rng(0)
    times = np.arange(120) / 8
    log_odds = 1 + np.convolve(rng.normal(0, 1, 131), np.ones(12) / 12, "valid")[:120]
    frames = [
        {"time": t, "logOdds": x} for t, x in zip(times.tolist(), log_odds.tolist(), strict=True)
    ]
    ours, theirs = estimate(times, log_odds), run("running", "estimate", frames, float(times[-1]))
    assert theirs["value"] == pytest.approx(ours.value)
    # Their chance is another.
    for side in ("low", "high"):
        assert theirs[side] - ours.value == pytest.approx(getattr(ours, side) - ours.value, rel=0.3)
    assert run("running", "student", 9) == pytest.approx(stdtrit(9, 0.975), rel=1e-3)


@pytest.mark.parametrize(
    ("seconds", "score", "verdict"),
    [(12, 0.95, "fake"), (12, 0.05, "real"), (12, 0.5, "inconclusive"), (3, 0.95, "inconclusive")],
)
def test_a_running_verdict_waits_and_then_holds_over_its_interval(run, seconds, score, verdict):
    log_odds = np.log(score / (1 - score))
    frames = [
        {"time": t / 5, "logOdds": log_odds + 0.1 * (t % 3 - 1)} for t in range(5 * seconds + 1)
    ]
    said = run("running", "ruled", frames, [0.2, 0.8])
    assert said["verdict"] == verdict
    assert said["score"] == pytest.approx(score, abs=0.01)
    assert ("if the face stays" in said["reason"]) == (seconds < 6)


PEOPLE = """async (frames) => {
  const people = new (await import("/page/running.js")).People();
  return frames.map(([time, rows]) => people.rowsAt(time, rows, [0.2, 0.8]));
}"""


def test_two_people_keep_their_own_verdicts_and_who_left_begins_anew(browser, address):
    def face(left, score):
        box = {"left": left, "top": 0, "width": 10, "height": 10}
        return {"face": box, "score": score, "verdict": "inconclusive" if score is None else "real"}

    frames = [
        [t / 4, [face(t / 10, 0.05), face(80 - t / 10, 0.95)][:: (-1) ** t]] for t in range(40)
    ]
    frames += [[20.0, [face(4, 0.95), face(50, None)]]]
    page = browser.new_page()
    page.goto(address)
    *_, last, after = page.evaluate(PEOPLE, frames)
    page.close()
    assert [row["verdict"] for row in last] == ["fake", "real"]
    assert after[0]["verdict"] == "inconclusive"  # no mean of the two who stood there
    assert after[0]["score"] == pytest.approx(0.95)
    assert after[1]["score"] is None
