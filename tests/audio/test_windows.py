"""Speech without the silence around it, in windows that are always full."""

import numpy as np
import pytest

from dfd_tf.audio.reading import RATE
from dfd_tf.audio.windows import NoSpeech, speech_of, windows_of

WINDOW = 64_000


def test_silence_around_the_speech_changes_nothing(voice):
    spoken = voice(3.0)
    hush = 1e-4 * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    found = windows_of(np.concatenate([hush, spoken, hush[:9000]]), WINDOW, WINDOW // 2)
    assert found.starts == pytest.approx([2.0], abs=0.05)
    straight = windows_of(spoken, WINDOW, WINDOW // 2)
    assert np.corrcoef(found.samples[0], straight.samples[0])[0, 1] > 0.95


def test_a_pause_within_is_kept(voice):
    pause = np.zeros(RATE, np.float32)
    speech = speech_of(np.concatenate([voice(1.0), pause, voice(1.0)]))
    assert (speech.stop - speech.start) / RATE == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize(("seconds", "n"), [(0.6, 1), (4.0, 1), (4.5, 2), (10.0, 4)])
def test_windows_cover_all_of_it(voice, seconds, n):
    samples = voice(seconds)
    windows, starts = windows_of(samples, WINDOW, WINDOW // 2)
    assert windows.shape == (n, WINDOW)
    if seconds > 4:
        end = speech_of(samples).stop
        assert starts[-1] + WINDOW / RATE == pytest.approx(end / RATE)


def test_a_short_one_is_repeated(voice):
    samples = voice(1.0)
    window = windows_of(samples, WINDOW, WINDOW // 2).samples[0]
    n = speech_of(samples).stop - speech_of(samples).start
    np.testing.assert_array_equal(window[:n], window[n : 2 * n])


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(RATE), np.ones(RATE)])
def test_nothing_to_hear(samples):
    with pytest.raises(NoSpeech, match="no speech"):
        windows_of(samples.astype(np.float32), WINDOW, WINDOW // 2)


def test_too_little(voice):
    with pytest.raises(NoSpeech, match=r"too short: 0\.\d+ s of speech, 0\.5 s are needed"):
        windows_of(voice(0.3), WINDOW, WINDOW // 2)
