import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.training.checkpoint import TrainingState, load_state, save_state


def state(epoch):
    return TrainingState(
        epoch=epoch,
        model=[np.full((2, 3), epoch, "float32"), np.array(7, "int64")],
        optimizer=[np.arange(12.0)],
        average=[np.full((2, 3), 0.5)],
        average_step=epoch * 10,
        best=[np.ones(2)],
        best_epoch=1,
        history=[{"epoch": 1, "val_auc": 0.75}],
    )


def test_comes_back_whole(tmp_path):
    save_state(tmp_path, state(3))
    loaded = load_state(tmp_path)
    for name, value in vars(state(3)).items():
        stored = getattr(loaded, name)
        if isinstance(value, list) and name != "history":
            assert [a.dtype for a in stored] == [a.dtype for a in value]
            for one, other in zip(stored, value, strict=True):
                np.testing.assert_array_equal(one, other)
        else:
            assert stored == value


def test_two_generations_are_kept(tmp_path):
    for epoch in range(1, 5):
        save_state(tmp_path, state(epoch))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["epoch-00003.npz", "epoch-00004.npz"]


@pytest.mark.parametrize("keep", [0, 10, 400, -30])
def test_damaged_newest_falls_back_to_the_one_before(tmp_path, keep):
    save_state(tmp_path, state(1))
    save_state(tmp_path, state(2))
    newest = tmp_path / "epoch-00002.npz"
    newest.write_bytes(newest.read_bytes()[:keep])
    assert load_state(tmp_path).epoch == 1


def test_all_damaged_is_an_error_and_none_is_none(tmp_path):
    assert load_state(tmp_path) is None
    (tmp_path / "epoch-00001.npz").write_bytes(b"junk")
    with pytest.raises(UserError, match="all are damaged"):
        load_state(tmp_path)


def test_half_written_file_is_ignored(tmp_path):
    save_state(tmp_path, state(1))
    (tmp_path / "writing.tmp").write_bytes(b"half")
    assert load_state(tmp_path).epoch == 1
