import pandas as pd
import pytest

from dfd_tf.config import parse_config
from dfd_tf.errors import UserError
from dfd_tf.training.dataset import batches_by_epoch, gather

NAMES = [
    f"{split}/{label}/{i}.jpg"
    for split in ("train", "valid", "test")
    for label in ("real", "fake")
    for i in range(6)
]


def settings(root, **changes):
    tree = {"model": {"name": "amtenet"}, "data": {"paths": [str(root)], **changes}}
    return parse_config(tree)


@pytest.fixture
def root(tmp_path, write_tree):
    return write_tree(tmp_path / "faces", NAMES)


def test_splits_are_written_down_and_damaged_files_told(root, tmp_path):
    (root / "train/real/0.jpg").write_bytes(b"torn")
    said = []
    data = gather(settings(root), tmp_path, progress=False, say=said.append)
    assert len(data.split("train")) == 11
    assert "0.jpg" in said[0]
    assert len(pd.read_csv(tmp_path / "splits.csv")) == 36


def test_limit_keeps_a_seeded_half_of_each_class(root, tmp_path):
    parts = [
        gather(settings(root, train_limit=6), tmp_path, progress=False, say=print).split("train")
        for _ in range(2)
    ]
    assert sorted(parts[0].label) == [0, 0, 0, 1, 1, 1]
    assert parts[0].path.tolist() == parts[1].path.tolist()


def test_a_split_of_one_class_is_refused(root, tmp_path):
    for path in (root / "valid/fake").iterdir():
        path.unlink()
    data = gather(settings(root), tmp_path, progress=False, say=print)
    with pytest.raises(UserError, match="'valid' needs real and fake images; it has 6 real and 0"):
        data.split("valid")


def test_less_than_a_batch_is_refused(root, tmp_path):
    config = settings(root)
    data = gather(config, tmp_path, progress=False, say=print)
    with pytest.raises(UserError, match=r"lower train\.batch_size"):
        batches_by_epoch(config, data.split("train"), None, tmp_path)
