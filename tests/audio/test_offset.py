import numpy as np
import pytest

from dfd_tf.audio.offset import STEPS_A_SECOND, offset_of
from dfd_tf.audio.reading import RATE


def talk(seconds=6.0, late=0.0, seed=0):
    """Times and openings of a mouth, and sound that grows as it opens, `late` seconds after it."""
    rng = np.random.default_rng(seed)
    syllables = np.cumsum(rng.uniform(0.12, 0.35, 200))
    opening = rng.uniform(0.2, 1, 200)
    times = np.arange(0, seconds, 1 / STEPS_A_SECOND)
    moments = np.arange(int(seconds * RATE)) / RATE

    def mouth(at):
        return np.abs(np.sin(np.pi * np.interp(at, syllables, np.arange(200)))) * np.interp(
            at, syllables, opening
        )

    sound = mouth(moments - late) ** 2 * rng.standard_normal(len(moments))
    noise = 0.1 * rng.standard_normal(len(times))
    return times, mouth(times) + noise, (0.1 * sound).astype(np.float32)


@pytest.mark.parametrize("frames", [-3, 0, 3])
def test_a_shift_is_recovered_and_lies_in_its_interval(frames):
    for seed in range(3):
        found = offset_of(*talk(late=frames / STEPS_A_SECOND, seed=seed))
        assert found.seconds * STEPS_A_SECOND == pytest.approx(frames, abs=1.01)
        assert found.low <= found.seconds <= found.high
        assert 0.2 < found.agreement <= 1


def test_the_interval_is_wide_where_lips_and_sound_have_nothing_to_do_with_one_another():
    times, opening, _ = talk(seed=1)
    sound = talk(seed=2)[2]
    foreign, own = offset_of(times, opening, sound), offset_of(*talk(seed=1))
    assert foreign.high - foreign.low > 2 * (own.high - own.low)
    assert foreign.agreement < own.agreement


def test_nothing_is_said_of_too_little():
    times, opening, sound = talk(seconds=1.5)
    assert offset_of(times, opening, sound) is None
    times, opening, sound = talk()
    assert offset_of(times, np.ones_like(opening), sound) is None
    assert offset_of(times, opening, np.zeros_like(sound)) is None
    assert offset_of(times, opening, sound[:0]) is None
    assert offset_of(np.zeros(0), np.zeros(0), sound) is None
