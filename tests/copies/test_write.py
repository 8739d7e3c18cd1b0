import numpy as np
import pytest
from PIL import Image

from dfd_tf.copies.write import TABLE, write_pairs
from dfd_tf.data.sets.choices import Datasets
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.errors import UserError


@pytest.fixture
def dataset(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "valid", "test"):
        for label in ("real", "fake"):
            for number in range(4):
                path = tmp_path / "set" / split / label / f"{number}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 256, (48, 40, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(path, quality=80)
    return tmp_path / "set"


def test_a_damaged_photo_is_left_out_with_its_reason(dataset, tmp_path):
    path = dataset / "train" / "real" / "0.jpg"
    path.write_bytes(b"no photo")
    done = write_pairs(Datasets([dataset]), tmp_path / "out", "resize", progress=False)
    assert len(done.pairs) == 11
    assert done.left_out[0][0] == str(path)


def test_pairs_are_a_dataset_that_keeps_splits_and_couples(dataset, tmp_path):
    done = write_pairs(Datasets([dataset]), tmp_path / "out", "resize", limit=3, progress=False)
    assert len(done.pairs) == 9
    table = load_examples([tmp_path / "out" / TABLE])
    assert table.groupby(["split", "label"]).size().tolist() == [3] * 6
    assert (table.groupby("group")["label"].nunique() == 2).all()
    assert table["group"].str.contains("/real/").all()


def test_an_interrupted_call_goes_on_and_a_finished_one_is_kept(dataset, tmp_path):
    out = tmp_path / "out"
    write_pairs(Datasets([dataset]), out, "resize", progress=False)
    files = {path: path.read_bytes() for path in out.rglob("*.jpg")}
    with pytest.raises(UserError, match="is finished already"):
        write_pairs(Datasets([dataset]), out, "resize", progress=False)
    (out / TABLE).unlink()
    lost, kept = sorted(out.rglob("fake/*.jpg"))[:2]
    lost.unlink()
    kept.write_bytes(b"kept")
    write_pairs(Datasets([dataset]), out, "resize", progress=False)
    assert {path: path.read_bytes() for path in files} == files | {kept: b"kept"}
