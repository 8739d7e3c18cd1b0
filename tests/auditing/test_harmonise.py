"""A dataset with planted faults is written anew, and an audit of the result finds nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.auditing.audit import audit_examples
from dfd_tf.auditing.harmonise import harmonise
from dfd_tf.data.batches.degradations.jpeg import jpeg
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.errors import UserError


def faults(root: Path) -> list[str]:
    audit = audit_examples(load_examples([root]), progress=False)
    return [finding.title for finding in audit.findings if finding.level == "finding"]


@pytest.fixture
def faulty(tmp_path: Path, make_pixels) -> Path:
    """Fakes are PNG, reals JPEG; one real stands in two splits, one file in both classes."""
    root, seed = tmp_path / "set", 0
    for split in ("train", "valid", "test"):
        for label, ending in (("real", "jpg"), ("fake", "png")):
            folder = root / split / label
            folder.mkdir(parents=True)
            for i in range(8):
                seed += 1
                image = Image.fromarray(make_pixels(seed, 64, 64))
                image.save(folder / f"{i}.{ending}", quality=98)
    copy = (root / "train" / "real" / "0.jpg").read_bytes()
    (root / "test" / "real" / "copy.jpg").write_bytes(copy)
    both = (root / "train" / "real" / "1.jpg").read_bytes()
    (root / "train" / "fake" / "1.jpg").write_bytes(both)
    return root


def test_mends_what_the_audit_found(faulty, tmp_path):
    assert "Format (set)" in faults(faulty)
    done = harmonise(faulty, tmp_path / "alike", progress=False)
    assert faults(tmp_path / "alike") == []
    dropped = done.dropped.set_index("file")
    assert dropped.loc["train/real/0.jpg", "kept"] == "test/real/copy.jpg"
    assert set(dropped.index) == {"train/real/0.jpg", "train/real/1.jpg", "train/fake/1.jpg"}
    assert list(pd.read_csv(tmp_path / "alike" / "dropped.csv")["file"]) == list(dropped.index)
    # fake/1.png and fake/1.jpg would have had one name; the one that is left has it.
    assert (tmp_path / "alike" / "train" / "fake" / "1.jpg").is_file()
    assert done.n == len(load_examples([tmp_path / "alike"])) == 50 - 3


def test_images_of_one_size_keep_their_pixels_up_to_the_codec(faulty, tmp_path):
    harmonise(faulty, tmp_path / "alike", quality=95, progress=False)
    before = read_image(faulty / "valid" / "fake" / "3.png")
    after = read_image(tmp_path / "alike" / "valid" / "fake" / "3.jpg")
    np.testing.assert_array_equal(after, jpeg(before, 95))


def test_images_of_several_sizes_become_square_and_alike(faulty, tmp_path, make_pixels):
    pixels = make_pixels(99, 50, 200)
    Image.fromarray(pixels).save(faulty / "test" / "fake" / "wide.png")
    done = harmonise(faulty, tmp_path / "alike", side=48, progress=False)
    assert (done.height, done.width) == (48, 48)
    sizes = {read_image(path).shape for path in (tmp_path / "alike").rglob("*.jpg")}
    assert sizes == {(48, 48, 3)}
    wide = read_image(tmp_path / "alike" / "test" / "fake" / "wide.jpg")
    middle = pixels[:, 75:125].mean((0, 1))
    np.testing.assert_allclose(wide.mean((0, 1)), middle, atol=3)


def test_dfdc_layout_keeps_its_groups(write_tree, tmp_path):
    names = [f"{s}/{c}/{s}{c}{i}.jpg" for s in ("train", "valid", "test") for c in ("real", "fake")
             for i in range(2)]  # fmt: skip
    root = write_tree(tmp_path / "set", names)
    for path in root.rglob("*.jpg"):
        Image.open(path).resize((64, 64)).save(path.with_suffix(".png"))
        path.unlink()
    rows = [(*name.split("/")[:2], name.split("/")[2].replace("jpg", "png")) for name in names]
    table = pd.DataFrame(rows, columns=["split", "label", "file"]).assign(original="one")
    table.to_csv(root / "metadata.csv", index=False)
    harmonise(root, tmp_path / "alike", progress=False)
    examples = load_examples([tmp_path / "alike"])
    assert set(examples["group"]) == {"dfdc:one"}


def test_refuses_to_write_where_something_is(faulty, tmp_path):
    with pytest.raises(UserError, match="is there already"):
        harmonise(faulty, tmp_path, progress=False)
    with pytest.raises(UserError, match="lies inside the dataset"):
        harmonise(faulty, faulty / "alike", progress=False)


@pytest.mark.parametrize("name", ["ciplab_as_distributed", "openforensics_as_distributed"])
def test_published_sets_are_mended(data_root, tmp_path, name):
    harmonise(data_root / name, tmp_path / "alike", progress=False)
    assert faults(tmp_path / "alike") == []
