import numpy as np
import pytest

from dfd_tf.audio.fakes.alike import LEVEL, cast, mould, spoken_part
from dfd_tf.audio.reading import RATE, UnusableSound
from dfd_tf.audio.signals import CENTRES, filtered, level, spectrum
from dfd_tf.audio.traits import bandwidth, silence


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture
def dull(voice):
    """Speech of another room: no highs, faint, with a constant beside it and a long pause."""
    gains = np.where(CENTRES > 3000, -60.0, 0.0)
    first, second = (voice(2, pitch=200, seed=seed) for seed in (5, 6))
    pause = np.zeros(RATE // 2, np.float32)
    return 0.2 * filtered(np.concatenate([first, pause, second]), gains) + np.float32(0.01)


def test_a_fake_takes_over_what_shows_how_the_real_speech_was_recorded(voice, dull):
    real = spoken_part(filtered(voice(2.5, seed=1), np.where(CENTRES > 2000, -60.0, 0.0)))
    fake = spoken_part(dull)
    form, finished = mould(real, rng())
    made = cast(fake, form, rng(1))
    assert len(made) == len(finished) == form.n == int(0.9 * len(real))
    assert level(made) == pytest.approx(LEVEL, abs=0.1)
    assert level(finished) == pytest.approx(LEVEL, abs=0.1)
    assert abs(made.mean()) < 1e-3
    heard = CENTRES < 2000
    assert np.abs(spectrum(made) - spectrum(finished))[heard].mean() < 3
    assert np.abs(spectrum(fake) - spectrum(real))[heard].mean() > 5
    assert bandwidth(made) == pytest.approx(bandwidth(finished), abs=300)
    assert abs(sum(silence(made)) - sum(silence(finished))) < 0.1


def test_pauses_and_silence_around_speech_are_cut(voice):
    gap = np.zeros(RATE, np.float32)
    speech = spoken_part(np.concatenate([gap, voice(1), gap, voice(1, seed=1), gap]))
    assert len(speech) / RATE == pytest.approx(2.05, abs=0.1)


def test_the_same_seed_gives_the_same_samples(voice, dull):
    real = spoken_part(voice(2.5, seed=1))
    form, first = mould(real, rng(3))
    again, second = mould(real, rng(3))
    assert np.array_equal(first, second)
    made = [cast(spoken_part(dull), each, rng(4)) for each in (form, again)]
    assert np.array_equal(*made)
    assert not np.array_equal(mould(real, rng(5))[1], first)


def test_too_little_speech_is_refused(voice):
    with pytest.raises(UnusableSound, match="too short"):
        spoken_part(voice(0.6))
