import pytest

from dfd_tf.config import parse_config
from dfd_tf.errors import UserError
from dfd_tf.reporter import SILENT, Reporter
from dfd_tf.training.batches import order_by_epoch
from dfd_tf.training.dataset import gather

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


def test_damaged_files_are_told(root, capsys):
    (root / "train/real/0.jpg").write_bytes(b"torn")
    data = gather(settings(root), Reporter())
    assert len(data.split("train")) == 11
    assert "0.jpg" in capsys.readouterr().out
    assert len(data.examples) == 36


def test_limit_keeps_a_seeded_half_of_each_class(root):
    parts = [gather(settings(root, train_limit=6), SILENT).split("train") for _ in range(2)]
    assert sorted(parts[0].label) == [0, 0, 0, 1, 1, 1]
    assert parts[0].path.tolist() == parts[1].path.tolist()


def test_a_limit_beyond_the_smaller_class_is_refused(root):
    for number in range(4):
        (root / f"train/fake/{number}.jpg").unlink()
    with pytest.raises(UserError, match="smaller class has 2 training images; set it to 4 or less"):
        gather(settings(root, train_limit=6), SILENT)
    assert len(gather(settings(root, train_limit=8), SILENT).split("train")) == 8


def test_a_share_that_leaves_a_class_out_is_refused(root):
    config = settings(root, fake_share=0.99)
    with pytest.raises(UserError, match=r"fake_share 0\.99 leaves an epoch of 12 images"):
        order_by_epoch(config, gather(config, SILENT).split("train"))


def test_a_split_of_one_class_is_refused(root):
    for path in (root / "valid/fake").iterdir():
        path.unlink()
    data = gather(settings(root), SILENT)
    with pytest.raises(UserError, match="'valid' needs real and fake images; it has 6 real and 0"):
        data.split("valid")


def test_less_than_a_batch_is_refused(root):
    config = settings(root)
    train = gather(config, SILENT).split("train")
    with pytest.raises(UserError, match=r"lower train\.batch_size"):
        order_by_epoch(config, train)
