import json
from pathlib import Path

import numpy as np
import pytest

import dfd_tf
from dfd_tf.audio.offset import STEPS_A_SECOND, offset_of
from dfd_tf.audio.reading import RATE, read_sound
from dfd_tf.video.lips import _looks, offset_in

TALKING = Path(__file__).parents[3] / "shared/data/talking/real"


def test_nothing_is_said_of_a_clip_without_sound(demo_clip):
    assert offset_in(demo_clip) is None
    assert "sound_after_lips" not in dfd_tf.judge_video(demo_clip, model="demo", lips=True)


@pytest.mark.skipif(not TALKING.is_dir(), reason="needs shared/data/talking")
def test_a_shift_of_a_talking_head_is_recovered(tmp_path):
    clip = TALKING / "pwij3p.mpg"
    times, opening = np.array(_looks(clip)[1]).T
    sound = read_sound(clip).samples
    late = np.concatenate([np.zeros(3 * RATE // STEPS_A_SECOND, np.float32), sound])
    own, shifted = (offset_of(times, opening, each) for each in (sound, late))
    assert abs(own.seconds) <= 1.01 / STEPS_A_SECOND
    assert shifted.seconds - own.seconds == pytest.approx(3 / STEPS_A_SECOND, abs=0.01)
    verdict = dfd_tf.judge_video(clip, tmp_path, rate=1, lips=True)
    assert verdict["sound_after_lips"]["seconds"] == pytest.approx(own.seconds)
    assert json.loads((tmp_path / "verdict.json").read_text())["sound_after_lips"]["low"] < 0
    assert "sound after lips (no verdict)" in (tmp_path / "video.html").read_text()
