from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from dfd_tf.data.sets.folders.vocabulary import class_of, split_of
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.errors import UserError

SPLIT_AND_CLASS = [
    f"{split}/{name}/{i}.jpg"
    for split in ("train", "valid", "test")
    for name in ("real", "fake")
    for i in range(2)
]
CIPLAB = [
    "training_real/real_00001.jpg",
    "training_real/real_00002.jpg",
    "training_fake/easy_1_1111.jpg",
    "training_fake/easy_1_0010.jpg",
    "training_fake/mid_1_0001.jpg",
    "training_fake/hard_20_1100.jpg",
]


def counts(table: pd.DataFrame) -> dict[tuple[str, int], int]:
    return table.groupby(["split", "label"]).size().to_dict()


def source(table: pd.DataFrame) -> str:
    (name,) = table["source"].unique()
    return name


def with_prefix(prefix: str, names: list[str]) -> list[str]:
    return [prefix + name for name in names]


@pytest.mark.parametrize("wrapper", ["real_vs_fake/real-vs-fake/", "a/b/real-vs-fake/"])
def test_140k(tmp_path, write_tree, wrapper):
    table = read_layout(write_tree(tmp_path / "any", with_prefix(wrapper, SPLIT_AND_CLASS)))
    assert source(table) == "140k"
    assert counts(table) == {(s, c): 2 for s in ("train", "valid", "test") for c in (0, 1)}
    assert table["file"].tolist() == sorted(SPLIT_AND_CLASS)
    assert all(os.path.isabs(path) and os.path.isfile(path) for path in table["path"])
    assert table["group"].is_unique


def test_a_root_inside_or_above_the_wrappers_gives_the_same_rows(tmp_path, write_tree):
    write_tree(tmp_path / "140k/real_vs_fake/real-vs-fake", SPLIT_AND_CLASS)
    places = ("140k", "140k/real_vs_fake", "140k/real_vs_fake/real-vs-fake")
    tables = [read_layout(tmp_path / place) for place in places]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


def test_openforensics(tmp_path, write_tree):
    names = [
        f"Dataset/{split}/{name}/{name.lower()}_0.jpg"
        for split in ("Train", "Validation", "Test")
        for name in ("Real", "Fake")
    ]
    table = read_layout(write_tree(tmp_path, names))
    assert source(table) == "openforensics"
    assert counts(table) == {(s, c): 1 for s in ("train", "valid", "test") for c in (0, 1)}


@pytest.mark.parametrize("wrapper", ["", "real_and_fake_face/"])
def test_ciplab_reads_difficulty_parts_and_groups_from_names(tmp_path, write_tree, wrapper):
    table = read_layout(write_tree(tmp_path, with_prefix(wrapper, CIPLAB)))
    assert source(table) == "ciplab"
    assert set(table["split"]) == {""}
    rows = table.set_index(table["file"].str.rpartition("/")[2])
    assert rows["difficulty"]["mid_1_0001.jpg"] == "mid"
    assert rows["difficulty"]["real_00001.jpg"] == rows["parts"]["real_00001.jpg"] == ""
    assert rows["parts"]["easy_1_1111.jpg"] == "left_eye,right_eye,nose,mouth"
    assert rows["parts"]["hard_20_1100.jpg"] == "left_eye,right_eye"
    assert rows["group"]["easy_1_1111.jpg"] == rows["group"]["easy_1_0010.jpg"]
    assert rows["group"].nunique() == 5
    assert rows["label"].tolist() == [int("fake" in file) for file in rows["file"]]


def test_dfdc_groups_by_original_video(tmp_path, write_tree):
    names = ["train/real/aa.jpg", "train/fake/bb.jpg", "train/fake/cc.jpg", "test/real/aa.jpg"]
    write_tree(tmp_path, [*names, "test/fake/stray.jpg"])
    (tmp_path / "metadata.csv").write_text(
        "split,file,label,original\ntrain,aa.jpg,REAL,aa\ntrain,bb.jpg,FAKE,aa\n"
        "train,cc.jpg,FAKE,zz\ntest,aa.jpg,REAL,other\n"
    )
    table = read_layout(tmp_path).set_index("file")
    assert set(table["source"]) == {"dfdc"}
    assert table["group"][names].tolist() == ["aa", "aa", "zz", "other"]
    assert table["group"]["test/fake/stray.jpg"] == "test/fake/stray.jpg"


HFF_REAL = ["CelebA", "CelebA-HQ", "YouTube-Frame"]
HFF_FAKE = ["PGGAN", "StyleGAN", "Glow", "Face2Face", "StarGAN"]


@pytest.mark.parametrize(
    "names",
    [
        HFF_REAL + HFF_FAKE,
        ["celeba", "celeba_hq", "youtube frames", "pg_gan", "STYLEGAN_10k", "glow", "f2f"],
        [f"{split}/{kind}" for split in ("train", "test") for kind in ("CelebA", "Glow")],
        [f"train/real/{kind}" for kind in HFF_REAL] + [f"train/fake/{kind}" for kind in HFF_FAKE],
    ],
)
def test_hff(tmp_path, write_tree, names):
    table = read_layout(write_tree(tmp_path / "x", [f"{name}/deep/1.png" for name in names]))
    assert source(table) == "hff"
    assert len(table) == len(names)
    is_real = table["file"].str.lower().str.contains("celeb|youtube")
    assert (table["label"] == (~is_real).astype(int)).all()
    assert set(table["split"]) == ({"train", "test"} & {n.split("/")[0] for n in names} or {""})


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        ("real", "fake"),
        ("REAL", "Fake"),
        ("0_real", "1_fake"),
        ("original", "manipulated"),
        ("Originals", "deepfakes"),
        ("authentic", "forged"),
        ("pristine", "DeepFake"),
        ("Real Images", "fake_faces"),
    ],
)
def test_plain_folders_and_their_synonyms(tmp_path, write_tree, real, fake):
    table = read_layout(write_tree(tmp_path / "my set é", [f"{real}/1.jpg", f"{fake}/2.jpg"]))
    assert dict(zip(table["file"], table["label"], strict=True)) == {
        f"{real}/1.jpg": 0,
        f"{fake}/2.jpg": 1,
    }
    assert source(table) == "my set é"
    assert set(table["split"]) == {""}


@pytest.mark.parametrize("validation", ["valid", "val", "validation", "Validation"])
def test_split_synonyms_in_both_orders(tmp_path, write_tree, validation):
    splits = ["training", validation, "Testing"]
    classes = ["real", "fake"]
    outside = write_tree(tmp_path / "a", [f"{s}/{c}/1.jpg" for s in splits for c in classes])
    inside = write_tree(tmp_path / "b", [f"{c}/{s}/1.jpg" for s in splits for c in classes])
    expected = {(s, c): 1 for s in ("train", "valid", "test") for c in (0, 1)}
    assert counts(read_layout(outside)) == counts(read_layout(inside)) == expected


def test_other_words_mean_nothing():
    for name in ("realistic", "unreal", "faker", "0", "1", "", "images", "train"):
        assert class_of(name) is None
    for name in ("trainer", "real", "contest", ""):
        assert split_of(name) is None


def test_which_files_count(tmp_path, write_tree):
    root = write_tree(
        tmp_path,
        [
            "real/a.JPG",
            "real/deep/er/b.webp",
            "real/odd.tiff",
            "real/.hidden.jpg",
            "real/.cache/c.jpg",
            "real/__MACOSX/d.jpg",
            "fake/with space é.jfif",
            ".thumbnails/fake/e.jpg",
        ],
    )
    for name in ("real/Thumbs.db", "fake/readme.txt", "fake/noextension"):
        (root / name).write_text("no image")
    expected = ["fake/with space é.jfif", "real/a.JPG", "real/deep/er/b.webp", "real/odd.tiff"]
    assert read_layout(root)["file"].tolist() == expected


def test_a_name_that_is_not_unicode_is_an_error(tmp_path, write_tree):
    root = write_tree(tmp_path, ["real/1.jpg", "fake/1.jpg"])
    os.rename(root / "fake/1.jpg", os.fsencode(root / "fake") + b"/\xff.jpg")
    with pytest.raises(UserError, match=r"rename b'.*fake/\\xff\.jpg'"):
        read_layout(root)


def test_relative_roots(tmp_path, write_tree, monkeypatch):
    write_tree(tmp_path / "pictures", ["real/1.jpg", "fake/1.jpg"])
    monkeypatch.chdir(tmp_path / "pictures")
    table = read_layout(".")
    assert source(table) == "pictures"
    assert table["path"].iloc[0] == str(tmp_path / "pictures/fake/1.jpg")


def test_the_error_names_what_was_sought_and_what_was_found(tmp_path, write_tree):
    root = write_tree(tmp_path, ["cats/1.jpg", "dogs/2.jpg", "loose.jpg"])
    with pytest.raises(UserError) as caught:
        read_layout(root)
    message = str(caught.value)
    for word in ("real/", "fake/", "140k", "openforensics", "ciplab", "dfdc", "hff", "--labels"):
        assert word in message
    assert "Found instead: cats/, dogs/, loose.jpg" in message


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["real/1.jpg"], "Found instead: real/"),
        ([f"{x}/a/b/c/{x}/{y}/1.jpg" for x in "q" for y in ("real", "fake")], "no known dataset"),
        (
            ["140k/train/real/1.jpg", "140k/train/fake/1.jpg", "b/real/1.jpg", "b/fake/1.jpg"],
            r"several.*\(140k, b\)",
        ),
        (["real/1.jpg", "fake/1.txt"], r"no fake images.*fake.*found: \.txt"),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path, write_tree, names, expected):
    with pytest.raises(UserError, match=expected):
        read_layout(write_tree(tmp_path, names))


def test_a_root_that_is_no_folder(tmp_path):
    with pytest.raises(UserError, match="is not a folder"):
        read_layout(tmp_path / "absent")


def test_real_data_is_recognised_and_counted(data_root: Path):
    expected = {
        "140k": ("140k", 900, 900),
        "openforensics": ("openforensics", 4000, 4000),
        "ciplab": ("ciplab", 811, 690),
        "ciplab_as_distributed": ("ciplab", 20, 20),
        "openforensics_as_distributed": ("openforensics", 120, 120),
        "dfdc_faces": ("dfdc", 2100, 2100),
    }
    for folder, row in expected.items():
        table = read_layout(data_root / folder)
        assert (source(table), *table["label"].value_counts().sort_index()) == row
