"""Recordings judged by a detector that is sure of one thing: what hisses is fake."""

import json

import numpy as np
import pytest
from scipy.signal import lfilter

pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

import io
import wave

from dfd_tf.audio.hearing import hearing
from dfd_tf.audio.reading import RATE
from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import DetectorInfo, read_info, write_info
from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.detectors.recordings import judge_recordings
from dfd_tf.errors import UserError

CHORD = 2 * np.pi * np.array([262, 330, 392]) / RATE


class Hiss:
    """Logit +4 where neighbouring samples differ much, -4 where they differ less."""

    def predict_on_batch(self, windows):
        rough = np.abs(np.diff(windows, axis=1)).mean(axis=1) / np.abs(windows).mean(axis=1)
        return np.clip(100 * (rough - 0.29), -4, 4)[:, None]


@pytest.fixture(scope="module")
def detector():
    labels = np.arange(400) % 2
    fitted = fit_calibration(
        4.0 * (2 * labels - 1) + np.random.default_rng(0).normal(size=400), labels
    )
    info = DetectorInfo(
        name="hiss",
        architecture="lcnn",
        preprocessing=hearing(RATE),
        calibration=fitted,
        data={"fingerprint": "f", "seed": 0, "takes": "sound"},
    )
    return Detector(Hiss(), info)


def recording(name, *parts):
    samples = np.concatenate(parts) if parts else np.zeros(0)
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((32767 * samples).astype("<i2").tobytes())
    return NamedBytes(name, content.getvalue())


@pytest.fixture(scope="module")
def hum(voice):
    """A voice without highs."""
    return lambda seconds, seed=0: lfilter(np.full(6, 1 / 6), [1], voice(seconds, seed=seed))


@pytest.fixture(scope="module")
def hiss(hum):
    """The same with much breath."""
    noise = np.random.default_rng(1).standard_normal

    def make(seconds):
        said = hum(seconds)
        return said + 0.3 * np.abs(said) * noise(len(said)).clip(-3, 3)

    return make


def judged(detector, *sources):
    return [row for rows in judge_recordings(detector, sources) for row in rows]


def test_verdicts_with_their_intervals(detector, hum, hiss):
    real, fake = judged(detector, recording("a", hum(5)), recording("b", hiss(5)))
    assert (real.verdict, fake.verdict) == ("real", "fake")
    assert real.interval[0] <= real.score <= real.interval[1] < 0.5 < fake.interval[0]
    assert [round(w.start, 1) for w in real.windows] == [0.5 * k for k in range(9)]
    assert real.note.endswith("9 windows")


def test_half_and_half_gets_no_verdict(detector, hum, hiss):
    (row,) = judged(detector, recording("mixed", hum(6), hiss(4)))
    assert row.verdict == "inconclusive"
    assert row.reason
    scores = [window.score for window in row.windows]
    assert scores[0] < 0.1 < 0.9 < scores[-1]


def test_one_window_has_no_interval(detector, hum):
    (row,) = judged(detector, recording("short", hum(0.8, seed=3)))
    assert row.interval is None
    assert row.note == "1 window"


def test_what_cannot_be_judged_keeps_its_row(detector, hum, tmp_path):
    nothing, music, short, broken, absent = judged(
        detector,
        recording("silent", np.zeros(RATE)),
        recording("music", 0.1 * np.sin(np.arange(3 * RATE)[:, None] * CHORD).sum(axis=1)),
        recording("short", hum(0.2)),
        NamedBytes("broken", b"no sound"),
        tmp_path / "absent.wav",
    )
    assert (nothing.verdict, nothing.reason) == ("not applicable", "no speech in it")
    assert music.reason == "no speech in it, but other sound, such as music or noise"
    assert music.verdict == short.verdict == "not applicable"
    assert (broken.verdict, absent.verdict) == ("error", "error")
    assert absent.reason == "no such file"
    assert all(
        row.rounded is None and not row.windows for row in (nothing, music, short, broken, absent)
    )


def test_all_roads_give_the_same_score(detector, hum, hiss):
    source = recording("a", hum(3), hiss(1))
    (row,) = judged(detector, source)
    (judgement,) = next(detector.judgements([source]))
    assert judgement.score == pytest.approx(row.score, abs=1e-9)


def test_rows_are_json(detector, hum):
    (row,) = judged(detector, recording("a", hum(2)))
    values = json.loads(json.dumps(row.as_row()))
    assert values["experimental"] is True
    assert len(values["windows"]) == 3


def test_detector_json_says_that_the_input_is_sound(detector, tmp_path):
    write_info(tmp_path, detector.info)
    assert json.loads((tmp_path / "detector.json").read_text())["preprocessing"]["takes"] == "sound"
    assert read_info(tmp_path).preprocessing == hearing(RATE)


def test_each_kind_is_refused_by_the_other(detector):
    with pytest.raises(UserError, match="judges sound, not images"):
        _ = detector.preprocessing
    image = Detector(Hiss(), detector.info.replace(preprocessing=Preprocessing(64)))
    with pytest.raises(UserError, match="judges images, not sound"):
        next(judge_recordings(image, []))
