"""What an epoch of recordings shows follows from its plan, and changes both classes alike."""

import numpy as np
import pandas as pd
import pytest

from dfd_tf.audio.degradations.randomly import augmenting
from dfd_tf.audio.file_check import check_recordings
from dfd_tf.audio.hearing import hearing
from dfd_tf.audio.loading import WindowLoader, plan_recordings
from dfd_tf.data.batches.array_batches import ArrayBatches

HEARING = hearing(16_000)


@pytest.fixture(scope="module")
def recordings(voice, wav, tmp_path_factory):
    """A table of six, two of which are of no use."""
    folder = tmp_path_factory.mktemp("recordings")
    seconds = (0.7, 1.5, 2.0, 1.5, 0.2, 1.0)
    for i, s in enumerate(seconds):
        (folder / f"{i}.wav").write_bytes(wav(voice(s, seed=i)))
    (folder / "5.wav").write_bytes(b"RIFF")
    paths = [str(folder / f"{i}.wav") for i in range(6)]
    return pd.DataFrame({"path": paths, "label": [0, 1, 0, 1, 0, 1], "source": "a"})


def plan(table, epoch=0):
    table = check_recordings(table, progress=False).usable
    return plan_recordings(table, np.array([0, 1, 2, 3]), seed=3, epoch=epoch)


def test_a_pass_over_the_files_tells_what_cannot_be_used(recordings):
    check = check_recordings(recordings, progress=False)
    assert list(check.usable.index) == [0, 1, 2, 3]
    assert check.usable.seconds.tolist() == [0.7, 1.5, 2.0, 1.5]
    too_short, broken = check.damaged.reason
    assert "too short" in too_short
    assert "cannot be read" in broken
    again = check_recordings(recordings.iloc[::-1], progress=False)
    assert again.fingerprint == check.fingerprint


def test_a_row_gives_the_same_window_every_time(recordings):
    loader = WindowLoader(HEARING, dict.fromkeys(augmenting(), 0.5))
    for row in plan(recordings).to_dict("records"):
        first, second = loader.draw(row), loader.draw(row)
        assert first.shape == (16_000,)
        assert first.dtype == np.float32
        np.testing.assert_array_equal(first, second)


def test_another_epoch_begins_elsewhere(recordings):
    loader = WindowLoader(HEARING, {})
    first, later = (loader.draw(plan(recordings, e).to_dict("records")[2]) for e in (0, 1))
    assert not np.array_equal(first, later)


def test_only_what_is_asked_for_strikes(recordings):
    row = plan(recordings).to_dict("records")[1]
    plain = WindowLoader(HEARING, {"flip": 1.0, "noise": 0.0}).draw(row)
    loud = WindowLoader(HEARING, {"gain": 1.0}).draw(row)
    np.testing.assert_array_equal(plain, WindowLoader(HEARING, {}).draw(row))
    assert np.corrcoef(plain, loud)[0, 1] > 0.99
    assert loud.std() != pytest.approx(plain.std(), rel=1e-3)


def test_batches_of_windows_and_labels(recordings):
    batches = ArrayBatches(plan(recordings), WindowLoader(HEARING, {}), batch_size=2)
    assert len(batches) == 2
    windows, labels = batches[1]
    assert windows.shape == (2, 16_000)
    assert labels.ravel().tolist() == [0, 1]


def test_windows_do_not_depend_on_what_else_is_shown(recordings):
    usable = check_recordings(recordings, progress=False).usable
    both = plan_recordings(usable, np.array([2, 0, 2]), seed=3, epoch=0)
    alone = plan_recordings(usable.iloc[[2]], np.array([0, 0]), seed=3, epoch=0)
    assert alone.seed.tolist() == both.seed[[0, 2]].tolist()
    assert alone.seed.nunique() == 2
