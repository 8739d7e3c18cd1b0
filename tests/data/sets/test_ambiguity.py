"""Folders as people have them: read rightly, or refused with the readings and the option."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import load_examples, read_examples
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.errors import UserError


def several(*folders: str, n: int = 4) -> list[str]:
    """Names of n images in each folder."""
    return [f"{folder}/{i}.jpg" for folder in folders for i in range(n)]


def classes(*folders: str, n: int = 4) -> list[str]:
    return several(*(f"{folder}/{label}" for folder in folders for label in ("real", "fake")), n=n)


def left_out(root: Path, **choices: str) -> dict[tuple[str, str], int]:
    table = read_examples(Datasets([root], Choices(**choices))).inventory.left_out
    return {(row.folder, row.reason): row.files for row in table.itertuples()}


@pytest.mark.parametrize("outer", [("celeba", "stylegan"), ("original", "generated"), ("a", "b")])
def test_inner_names_decide_and_each_outer_folder_is_a_source(tmp_path, write_tree, outer):
    table = load_examples([write_tree(tmp_path / "set", classes(*outer))])
    assert (table["label"] == table["file"].str.contains("/fake/")).all()
    assert (table["source"] == table["file"].str.partition("/")[0]).all()
    for _, part in table.groupby(["source", "label"]):
        assert set(part["split"]) == {"train", "valid", "test"}


def test_sources_inside_splits_keep_their_split(tmp_path, write_tree):
    root = write_tree(tmp_path, classes("train/celeba", "train/sd", "test/celeba", "test/sd"))
    table = read_layout(root)
    assert (table["split"] == table["file"].str.partition("/")[0]).all()
    assert (table["source"] == table["file"].str.split("/").str[1]).all()


def test_names_that_contradict_otherwise_are_refused_until_one_is_said_to_decide(
    tmp_path, write_tree
):
    root = write_tree(tmp_path, several("real/a", "real/x/fake", "fake"))
    with pytest.raises(UserError, match=r"two ways.*--layout plain.*--layout nested"):
        load_examples([root])
    for layout, n_fake in (("plain", 4), ("nested", 8)):
        table = load_examples(Datasets([root], Choices(layout=layout)))
        assert (table["label"].sum(), len(table)) == (n_fake, 12)


def test_every_method_of_faceforensics_is_read_and_pairs_stay_together(tmp_path, write_tree):
    pairs = [f"{2 * i:03}_{2 * i + 1:03}" for i in range(8)]
    methods = ["Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures"]
    names = [f"manipulated_sequences/{m}/c23/images/{p}/0001.jpg" for m in methods for p in pairs]
    names += [f"original_sequences/youtube/c23/images/{v:03}/0001.jpg" for v in range(16)]
    masks = [f"manipulated_sequences/Deepfakes/masks/images/{p}/0001.jpg" for p in pairs]
    root = write_tree(tmp_path, [*names, *masks])
    table = load_examples([root])
    assert len(table) == len(names) and set(table["source"]) == {"faceforensics"}
    assert (table["label"] == table["file"].str.startswith("manip")).all()
    assert sorted(set(table["group"])) == [f"faceforensics:{pair}" for pair in pairs]
    assert list(left_out(root).values()) == [len(masks)]


def test_flat_methods_of_faceforensics(tmp_path, write_tree):
    folders = ("original", "Deepfakes", "FaceSwap", "NeuralTextures", "Face2Face")
    names = [f"{folder}/frame{folder}{i}.jpg" for folder in folders for i in range(3)]
    table = read_layout(write_tree(tmp_path, names))
    assert table["label"].value_counts().to_dict() == {1: 12, 0: 3}


@pytest.mark.parametrize("name", ["validate", "Validation", "val", "dev"])
def test_synonyms_of_validation(tmp_path, write_tree, name):
    table = read_layout(write_tree(tmp_path, classes("train", "test", name)))
    assert table["split"].value_counts().to_dict() == {"train": 8, "valid": 8, "test": 8}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("train", "dev", "eval"), {"train", "valid", "test"}),
        (("train", "eval", "test"), {"train", "valid", "test"}),
        (("train", "holdout"), {"train", "test"}),
    ],
)
def test_evaluation_means_what_no_folder_beside_it_means(tmp_path, write_tree, names, expected):
    assert set(read_layout(write_tree(tmp_path, classes(*names)))["split"]) == expected


@pytest.mark.parametrize(
    "names",
    [
        classes("train", "test", "test_real_world"),
        [*classes("train", "test"), *several("real", "fake")],
        several("real/train", "real/test", "fake/train", "fake/test", "fake/extra"),
        [*several("real/train", "real/test", "fake/train", "fake/test"), "fake/loose.jpg"],
    ],
    ids=["unknown split", "classes beside", "one class has more", "loose"],
)
def test_what_names_no_split_beside_others_is_refused_until_said(tmp_path, write_tree, names):
    root = write_tree(tmp_path, names)
    with pytest.raises(UserError, match=r"--split-from folder.*--split-from dealt"):
        load_examples([root])
    known = load_examples(Datasets([root], Choices(split_from="folder")))
    own = known["file"].str.contains("train/")
    assert set(known["split"][~own]) == {"test"} and set(known["split"][own]) <= {"train", "valid"}
    assert sum(left_out(root, split_from="folder").values()) == len(names) - len(known) > 0
    assert len(load_examples(Datasets([root], Choices(split_from="dealt")))) == len(names)


def test_a_class_spelt_otherwise_in_one_split_is_named(tmp_path, write_tree):
    root = write_tree(tmp_path, [*classes("train"), *several("test/real", "test/Faked")])
    with pytest.raises(UserError, match=r"test has no fake images.*'Faked'.*call it fake"):
        load_examples([root])


def test_folders_below_a_class_are_groups(tmp_path, write_tree):
    names = [f"{c}/{c}{v}/{i}.jpg" for c in ("real", "fake") for v in range(5) for i in range(3)]
    root = write_tree(tmp_path / "set", names)
    table = load_examples([root])
    assert table["group"].nunique() == 10
    assert table.groupby("group")["split"].nunique().max() == 1
    by_file = load_examples(Datasets([root], Choices(group_by="file")))
    assert by_file["group"].is_unique


@pytest.mark.parametrize(
    "kinds",
    [
        ("celeba", "ffhq", "coco", "stylegan", "sdxl", "flux"),
        ("a", "b", "c", "x", "y", "z"),
    ],
    ids=["known kinds", "too few in a class"],
)
def test_kinds_below_a_class_are_no_groups(tmp_path, write_tree, kinds):
    n_real = 3 if kinds[0] == "celeba" else 4
    folders = [f"{'real' if i < n_real else 'fake'}/{kind}" for i, kind in enumerate(kinds)]
    root = write_tree(tmp_path, several(*folders))
    examples = read_examples([root])
    assert examples.table["group"].is_unique
    assert any("--group-by folder" in remark for remark in examples.inventory.remarks)
    grouped = load_examples(Datasets([root], Choices(group_by="folder")))
    assert grouped["group"].nunique() == len(kinds)


def test_links_are_followed_but_not_in_circles(tmp_path, write_tree):
    root = write_tree(tmp_path / "set", several("real", "fake"))
    pool = write_tree(tmp_path / "pool", several(".", n=3))
    (root / "real/more").symlink_to(pool)
    (pool / "back").symlink_to(root / "real")
    (root / "real/gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (root / "real/again.jpg").symlink_to(root / "real/0.jpg")
    table = load_examples([root])
    assert table["file"].str.startswith("real/more/").sum() == 3
    assert left_out(root) == {
        ("real", "a link back to a folder that it is in"): 1,
        ("real", "a link that leads nowhere"): 1,
        ("real", "the same file again, through a link"): 1,
    }


def test_folders_that_link_to_one_another_come_to_an_end(tmp_path, write_tree):
    root = write_tree(tmp_path / "set", several("real", "fake"))
    for name in "abcd":
        (root / name).mkdir()
        for other in "abcd":
            (root / name / other).symlink_to(root / other)
    assert len(load_examples([root])) == 8


def test_one_file_linked_into_both_classes_is_refused(tmp_path, write_tree):
    root = write_tree(tmp_path / "set", several("real", "fake"))
    (root / "fake/also.jpg").symlink_to(root / "real/0.jpg")
    with pytest.raises(UserError, match="are one file through a link, in two classes"):
        load_examples([root])


def test_endings_of_browsers_and_phones_are_read_by_content(tmp_path, write_tree):
    names = [*several("real"), "fake/1.jpg_large", "fake/2.mpo", "fake/3", "fake/4.JPG.download"]
    root = write_tree(tmp_path, names)
    (root / "fake/notes").write_text("no picture")
    (root / "fake/table.csv").write_text("a,b")
    assert len(read_layout(root)) == 8
    assert left_out(root) == {("fake", "no image (no ending)"): 1, ("fake", "no image (.csv)"): 1}


def test_what_systems_leave_beside_photos_is_no_photo(tmp_path, write_tree):
    root = write_tree(tmp_path, [*several("real", "fake"), "real/@eaDir/1.jpg/SYNOPHOTO_XL.jpg"])
    for name in ("real/Thumbs.db", "fake/.DS_Store", "fake/desktop.ini"):
        (root / name).write_bytes(b"\xff\xd8\xff")
    assert len(read_layout(root)) == 8
    assert sum(left_out(root).values()) == 4


def test_a_folder_that_may_not_be_read_is_named():
    if os.geteuid() == 0 and not hasattr(os, "seteuid"):
        pytest.skip("needs a user whom a folder can be denied")
    place = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
    user = os.geteuid()
    try:
        place.chmod(0o755)
        for name in several("real", "fake"):
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_bytes(b"\xff\xd8\xff")
        (place / "fake/closed").mkdir()
        (place / "fake/closed").chmod(0)
        if user == 0:
            os.seteuid(65534)
        with pytest.raises(UserError, match=r"fake/closed cannot be read \(Permission denied\)"):
            read_layout(place)
    finally:
        os.seteuid(user)
        shutil.rmtree(place)


def test_choices_of_columns_need_a_table(tmp_path, write_tree):
    root = write_tree(tmp_path, classes("."))
    with pytest.raises(UserError, match=r"--group-by person: expected folder or file"):
        load_examples(Datasets([root], Choices(group_by="person")))
