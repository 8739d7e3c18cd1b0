"""The sound of a video has its own row, and never changes the verdict of the picture."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import dfd_tf
from dfd_tf.calibration import sigmoid
from dfd_tf.calibration.maps import Beta
from dfd_tf.calibration.over_time import Estimate
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.recordings import judge_recordings
from dfd_tf.errors import UserError
from dfd_tf.video.deciding.together import Together, fused
from dfd_tf.video.files import read_verdict
from dfd_tf.video.reading.lateness import sound_begins_late
from dfd_tf.video.writing.waveform import POINTS, envelope, waveform_of

SIZE = 8_000


class Loudness:
    """A scorer that knows nothing of voices: the louder, the more forged."""

    squares_per_call = 1

    def predict_on_batch(self, samples):
        return (40 * samples.std(axis=1) - 2.5)[:, None]


@pytest.fixture(scope="module")
def ears(describe, brightness) -> Detector:
    info = describe(
        name="ears",
        architecture="sound_resnet",
        preprocessing={"takes": "sound", "size": SIZE, "step": SIZE // 2},
        calibration=brightness.info.calibration.to_dict(),
        weights_sha256="0" * 64,
    )
    return Detector(Loudness(), info)


@pytest.fixture(scope="module")
def pictures(sitters, scene, light):
    return [scene([(light(sitters[1], 80), 100, 16)])] * 36


@pytest.fixture(scope="module")
def speaking(clip, pictures, voice, tmp_path_factory):
    folder = tmp_path_factory.mktemp("speaking")
    return clip(folder / "speaking.mp4", pictures, sound=voice(3, rate=44100))


def test_the_sound_has_the_row_of_dfd_audio(speaking, brightness, ears, tmp_path):
    silent = dfd_tf.judge_video(speaking, model=brightness)
    verdict = dfd_tf.judge_video(speaking, tmp_path, model=brightness, sound=ears)
    ((row,),) = judge_recordings(ears, [str(speaking)])
    assert len(row.windows) > 2
    assert verdict["sound"] == json.loads(json.dumps(row.as_row()))
    assert {key: verdict[key] for key in silent} == silent
    ratios = verdict["together"]["log_likelihood_ratios"]
    assert ratios["picture"] < 0
    assert verdict["together"]["score_at_even_odds"] == pytest.approx(
        float(sigmoid(np.array(ratios["picture"] + ratios["sound"]))), abs=1e-5
    )
    assert json.loads((tmp_path / "verdict.json").read_text()) == verdict
    page = (tmp_path / "video.html").read_text()
    assert "What is heard" in page and "Together" in page and 'id="sound-figure_1"' in page
    assert read_verdict(tmp_path, speaking, brightness, 4.0, ears) == verdict
    other = replace(ears, info=ears.info.replace(weights_sha256="1" * 64))
    assert read_verdict(tmp_path, speaking, brightness, 4.0, other) is None


def test_without_sound_the_picture_is_left(clip, pictures, brightness, ears, tmp_path):
    mute = clip(tmp_path / "mute.mp4", pictures)
    verdict = dfd_tf.judge_video(mute, tmp_path / "out", model=brightness, sound=ears)
    assert (verdict["sound"]["verdict"], verdict["sound"]["reason"]) == ("error", "it has no sound")
    assert verdict["together"]["score_at_even_odds"] == pytest.approx(verdict["score"], abs=1e-5)
    assert verdict["together"]["log_likelihood_ratios"]["sound"] is None
    page = (tmp_path / "out" / "video.html").read_text()
    assert ">no sound</span>" in page and "together" not in page


def test_sound_that_is_no_speech_is_drawn_but_not_judged(clip, scene, brightness, ears, tmp_path):
    empty = clip(tmp_path / "tone.mp4", [scene([])] * 12, sound=True)
    verdict = dfd_tf.judge_video(empty, tmp_path / "out", model=brightness, sound=ears)
    assert verdict["sound"]["verdict"] == "not applicable"
    assert "no speech" in verdict["sound"]["reason"]
    assert verdict["together"] is None
    assert 'id="sound-figure_1"' in (tmp_path / "out" / "video.html").read_text()


def test_what_does_not_hear_is_refused(speaking, brightness, tmp_path):
    with pytest.raises(UserError, match="judges images, not sound"):
        dfd_tf.judge_video(speaking, model=brightness, sound=brightness)
    with pytest.raises(UserError, match="No detector of speech"):
        dfd_tf.judge_video(speaking, model=brightness, sound=tmp_path)


def test_together_is_the_sum_of_log_likelihood_ratios(brightness):
    even = brightness.calibration
    both = fused(Estimate(1.0, 0.5, 1.5), even, float(sigmoid(np.array(2.0))), even)
    assert both == pytest.approx((1.0, 2.0))
    assert both.score == pytest.approx(float(sigmoid(np.array(3.0))))
    assert fused(None, even, math.nan, even) == Together(None, None)
    assert Together(None, None).as_dict() is None


def test_what_a_map_learned_of_the_share_of_fakes_is_no_evidence(brightness):
    # 200 images, 100 of them real; then 400 more fakes.
    skewed = replace(brightness.calibration, mapping=Beta(1.0, 1.0, 0.0), n_valid=600)
    assert skewed.prior_log_odds == pytest.approx(math.log(5))
    fair = fused(Estimate(math.log(5), 0, 2), skewed, math.nan, skewed)
    assert fair.score == pytest.approx(0.5)
    uncalibrated = replace(brightness.calibration, calibrated=False)
    assert fused(Estimate(3, 2, 4), uncalibrated, 0.9, uncalibrated).score is None


def test_a_waveform_is_on_the_clock_of_the_picture(speaking):
    wave = waveform_of(speaking)
    assert wave.begins == pytest.approx(sound_begins_late(speaking))
    assert wave.ends - wave.begins == pytest.approx(3, abs=0.1)
    assert wave.times.shape == wave.loudness.shape == (POINTS,)
    assert wave.loudness.max() == pytest.approx(1)
    rising = envelope(np.linspace(0, 1, 16_000, dtype=np.float32))
    assert (np.diff(rising) > 0).all()
    assert len(envelope(np.zeros(10, np.float32))) == 10
