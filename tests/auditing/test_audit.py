"""Planted faults are found, each under its name; clean data are silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.auditing.audit import audit_examples
from dfd_tf.auditing.duplicates import find_duplicates, independent_groups
from dfd_tf.auditing.report import write_audit
from dfd_tf.data.sets.examples import load_examples

N = 12  # of each class and split
Save = Callable[[Image.Image, Path, int], None]


def save_alike(image: Image.Image, path: Path, label: int) -> None:
    image.save(path.with_suffix(".jpg"), quality=90)


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[..., Path]:
    """A folder of noise pictures, each another one, saved by a function of picture and class."""

    def make(save: Save = save_alike, n: int = N) -> Path:
        root = tmp_path / "set"
        rng = np.random.default_rng(0)
        for split in ("train", "valid", "test"):
            for label, name in enumerate(("real", "fake")):
                folder = root / split / name
                folder.mkdir(parents=True)
                for i in range(n):
                    coarse = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
                    image = Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)
                    save(image, folder / f"{i:02}", label)
        return root

    return make


def audit_of(root: Path):
    return audit_examples(load_examples([root]), progress=False)


def titles(root: Path) -> list[str]:
    return [finding.title for finding in audit_of(root).findings if finding.level == "finding"]


def test_clean_data_are_silent(dataset):
    audit = audit_of(dataset())
    assert audit.trustworthy
    assert not audit.findings


def _format(image, path, label):
    image.save(path.with_suffix(".png" if label else ".jpg"))


def _size(image, path, label):
    save_alike(image.resize((90, 96)) if label else image, path, label)


def _mode(image, path, label):
    (image.convert("L") if label else image).save(path.with_suffix(".jpg"))


def _tables(image, path, label):
    odd = label and int(path.name) % 4 == 0  # a quarter of the fakes, as in CIPLab
    image.save(path.with_suffix(".jpg"), quality=85 if odd else 90)


def _subsampling(image, path, label):
    image.save(path.with_suffix(".jpg"), quality=90, subsampling=0 if label else 2)


def _exif(image, path, label):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    image.save(path.with_suffix(".jpg"), quality=90, **({} if label else {"exif": exif}))


def _resized(image, path, label):
    pixels = np.asarray(image)
    filters = cv2.INTER_LINEAR if label else cv2.INTER_LANCZOS4
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA)
    save_alike(Image.fromarray(cv2.resize(small, (96, 96), interpolation=filters)), path, label)


@pytest.mark.parametrize(
    ("save", "title"),
    [
        (_format, "Format (set)"),
        (_size, "Size in pixels (set)"),
        (_mode, "Colour mode (set)"),
        (_tables, "JPEG quantisation tables (set)"),
        (_subsampling, "Chroma subsampling (set)"),
        (_exif, "EXIF and other metadata (set)"),
        (_resized, "Spectrum (resize filter) (set)"),
    ],
)
def test_a_planted_shortcut_is_found_under_its_name(dataset, save, title):
    assert title in titles(dataset(save))


def test_leaks_are_found_and_named(dataset):
    root = dataset()
    copy = (root / "train" / "real" / "00.jpg").read_bytes()
    (root / "test" / "real" / "copy.jpg").write_bytes(copy)
    with Image.open(root / "train" / "fake" / "01.jpg") as image:
        image.resize((80, 80)).save(root / "valid" / "fake" / "small.jpg", quality=90)
    torn = (root / "train" / "real" / "02.jpg").read_bytes()
    (root / "train" / "fake" / "torn.jpg").write_bytes(torn)
    (root / "test" / "fake" / "broken.jpg").write_bytes(copy[:500])
    audit = audit_of(root)
    found = {finding.title: finding.text for finding in audit.findings}
    assert (
        "2 photos stand (1 byte for byte, 1 looking alike)"
        in found["The same photos in several splits"]
    )
    assert "1 photo stands (1 byte for byte" in found["The same file as real and as fake"]
    assert "broken.jpg: truncated JPEG" in found["Unusable files"]
    pairs = audit.duplicates.groupby("cluster")["file"].apply(set)
    assert {"train/real/00.jpg", "test/real/copy.jpg"} in list(pairs)
    assert {"train/fake/01.jpg", "valid/fake/small.jpg"} in list(pairs)


def test_groups_in_several_splits_are_found(dataset):
    examples = load_examples([dataset()])
    examples["group"] = examples["group"].str.replace("train/real/00", "test/real/00")
    audit = audit_examples(examples, progress=False)
    assert audit.findings[0].title == "Groups in several splits"
    assert "set:test/real/00.jpg" in audit.findings[0].text


def test_look_alikes_merge_their_groups():
    images = pd.DataFrame(
        {
            "group": list("aabcd"),
            "sha256": list("12345"),
            **dict.fromkeys(("source", "split", "file", "path"), ""),
            "label": 0,
        }
    )
    hashes = np.random.default_rng(0).integers(0, 2**63, (5, 4), dtype=np.uint64)
    hashes[3] = hashes[1]
    duplicates = find_duplicates(images, hashes)
    assert list(duplicates.index) == [1, 3]
    groups = list(independent_groups(images, duplicates))
    assert groups[0] == groups[1] == groups[3]
    assert len(set(groups)) == 3


def test_writes_the_same_tables_and_page_twice(dataset, tmp_path):
    audit = audit_of(dataset(_tables, n=8))
    for name in ("one", "two"):
        write_audit(tmp_path / name, audit, {"data": "<b>set</b>"})
    written = {p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*")}
    assert {Path(n) for n in ("audit.json", "duplicates.csv", "shortcuts.csv")} <= written
    for name in written:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    page = (tmp_path / "one" / "report.html").read_text()
    assert "Do not train or test on these data" in page and "&lt;b&gt;set" in page
    assert "<script" not in page and 'src="http' not in page
    content = json.loads((tmp_path / "one" / "audit.json").read_text())
    assert not content["trustworthy"] and content["n"] == 48


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ciplab_as_distributed", "JPEG quantisation tables (ciplab)"),
        ("openforensics_as_distributed", "The same photos in several splits"),
    ],
)
def test_the_faults_of_published_sets_are_found(data_root, name, title):
    assert titles(data_root / name) == [title]


def test_a_published_set_without_known_faults_is_silent(data_root):
    examples = load_examples([data_root / "140k"]).groupby(["split", "label"]).head(100)
    audit = audit_examples(examples, progress=False)
    assert not audit.findings
