import numpy as np
import pytest

from dfd_tf.audio.degradations.codecs import CODECS, compressed, telephoned
from dfd_tf.audio.degradations.noise import noisy
from dfd_tf.audio.degradations.randomly import augmenting, degrade_randomly
from dfd_tf.audio.degradations.record import SOUND_DEGRADATIONS
from dfd_tf.audio.degradations.reverberation import impulse_response
from dfd_tf.audio.reading import RATE
from dfd_tf.audio.signals import level, spectrum
from dfd_tf.audio.traits import bandwidth

ALL = pytest.mark.parametrize("record", list(SOUND_DEGRADATIONS), ids=lambda record: record.name)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture
def speech(voice):
    return voice(1.5)


@ALL
def test_sound_keeps_its_length_and_what_was_given_stays_as_it_was(record, speech):
    before = speech.copy()
    for strength in (*record.steps, *(record.range or ())):
        after = record.apply(speech, strength, rng())
        assert after.shape == speech.shape and after.dtype == np.float32
        assert np.isfinite(after).all() and np.abs(after).max() <= 1
        assert not np.array_equal(after, before)
    assert np.array_equal(speech, before)


@ALL
@pytest.mark.parametrize("n", [160, 5001])
def test_silence_and_scraps_pass(record, n):
    for samples in (np.zeros(n, np.float32), np.ones(n, np.float32)):
        assert len(record.apply(samples, record.steps[-1], rng())) == n


@ALL
def test_the_same_chance_gives_the_same_sound(record, speech):
    one, again = (record.apply(speech, record.steps[0], rng(3)) for _ in range(2))
    assert np.array_equal(one, again)


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_lose_more_at_lower_rates_and_shift_nothing(codec, speech):
    fine, coarse = (compressed(speech, codec, kilobits) for kilobits in (64, 16))
    quality = [np.corrcoef(speech, each)[0, 1] for each in (fine, coarse)]
    assert quality[0] > 0.9 and quality[0] > quality[1]
    shifts = [
        np.sum(fine[50:-50] * speech[50 + lag : len(speech) - 50 + lag]) for lag in range(-50, 50)
    ]
    assert abs(int(np.argmax(shifts)) - 50) <= 1


@pytest.mark.parametrize("law", ["a", "mu"])
def test_a_telephone_passes_half_the_band(law, voice):
    speech = voice(1) + 0.05 * rng().standard_normal(RATE).astype(np.float32)
    assert bandwidth(speech) > 7500
    assert bandwidth(telephoned(speech, law)) < 4500


def test_noise_is_as_far_below_the_sound_as_it_should_be(speech):
    for snr in (20, 5):
        added = noisy(speech, snr, rng()) - speech
        assert level(speech) - level(added) == pytest.approx(snr, abs=0.2)
    tilts = [spectrum(noisy(0 * speech + 1e-3, 0, rng(seed)))[-1] for seed in range(4)]
    assert np.ptp(tilts) > 3  # of another colour each time


def test_an_echo_dies_away_in_its_time():
    response = impulse_response(0.5, rng())
    assert response[0] == 1 and len(response) == RATE // 2 + 1
    power = np.square(response[1:]).reshape(10, -1).mean(axis=1)
    fall = np.diff(10 * np.log10(power))
    assert fall == pytest.approx(-6, abs=1)


def test_compression_comes_last_and_each_draws_for_itself(speech):
    assert augmenting()[-1] == "mp3" and set(augmenting()) == {r.name for r in SOUND_DEGRADATIONS}
    one = degrade_randomly(speech, {"gain"}, seed=7)
    both = degrade_randomly(speech, {"gain", "band"}, seed=7)
    band = SOUND_DEGRADATIONS["band"]
    limited = [band.apply(one, hertz, rng()) for hertz in np.linspace(3000, 7500, 451)]
    assert min(np.abs(both - each).max() for each in limited) < 1e-2
    assert np.array_equal(degrade_randomly(speech, (), seed=7), speech)
