import numpy as np
import pytest

from dfd_tf.audio.engines.programs import spoken
from dfd_tf.audio.engines.record import ENGINES, Order
from dfd_tf.audio.engines.splice import crossfaded
from dfd_tf.audio.fakes.sentences import read_sentences
from dfd_tf.audio.reading import RATE, UnusableSound


def order(voice, engine):
    real, *others = (voice(1.5, seed=seed) for seed in range(3))
    own = engine.voices[0] if engine.voices else ""
    return Order(read_sentences()[:1], own, real, others, np.random.default_rng(0))


@pytest.mark.parametrize("name", [engine.name for engine in ENGINES])
def test_an_engine_that_is_installed_speaks(name, voice):
    engine = ENGINES[name]
    if command := engine.missing():
        pytest.skip(f"{name} is not installed: {command}")
    made = engine.make(order(voice, engine))
    assert made.dtype == np.float32 and made.ndim == 1
    assert np.isfinite(made).all() and np.abs(made).max() <= 1
    assert len(made) > 0.8 * RATE and made.std() > 0.005
    assert engine.voices or len(made) >= 1.5 * RATE


def test_a_copy_has_the_words_but_not_the_samples(voice):
    engine = ENGINES["griffin-lim"]
    ordered = order(voice, engine)
    copy, real = engine.make(ordered), ordered.real
    frames = [x.reshape(-1, 800).std(axis=1) for x in (copy, real)]
    assert np.corrcoef(*frames)[0, 1] > 0.9
    assert abs(np.corrcoef(copy, real)[0, 1]) < 0.5


def test_what_is_joined_has_no_step_in_it():
    joined = crossfaded(np.full(1000, 0.5, np.float32), np.full(1000, -0.5, np.float32))
    assert len(joined) == 2000 - RATE // 200
    assert np.abs(np.diff(joined)).max() < 0.02


def test_a_program_that_fails_says_why():
    with pytest.raises(UnusableSound, match=r"failed: no such voice"):
        spoken(lambda wav: ("python", "-c", "raise SystemExit('no such voice')"))
