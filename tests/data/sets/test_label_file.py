"""Tables of labels and metadata as people save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import load_examples, read_examples
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.errors import UserError

PICTURES = [f"pictures/{i}.jpg" for i in range(8)]


def rows(*more: str) -> str:
    lines = [f"{name},{'real' if i < 4 else 'fake'}" for i, name in enumerate(PICTURES)]
    return "\n".join(["path,label", *lines, *more]) + "\n"


@pytest.fixture
def pictures(tmp_path: Path, write_tree) -> Path:
    return write_tree(tmp_path / "set", PICTURES)


def test_a_table_of_path_and_label_is_a_dataset(pictures):
    (pictures / "mine.csv").write_text(rows("pictures/gone.jpg,real", "pictures/0.jpg,real"))
    table, inventory = read_examples([pictures / "mine.csv"])
    assert table["file"].tolist() == PICTURES and set(table["source"]) == {"mine"}
    assert table["label"].tolist() == [0] * 4 + [1] * 4
    assert inventory.left_out[["reason", "files"]].to_numpy().tolist() == [
        ["named in the table, but there is no such file", 1]
    ]


def test_labels_decide_in_place_of_folders_and_what_they_do_not_name_is_counted(
    pictures, write_tree
):
    write_tree(pictures, ["pictures/unnamed.jpg", "more/1.jpg"])
    (pictures / "labels.csv").write_text(rows())
    with pytest.raises(UserError, match="--labels FILE"):
        load_examples([pictures])
    table, inventory = read_examples(
        Datasets([pictures], Choices(labels=str(pictures / "labels.csv")))
    )
    assert table["file"].tolist() == PICTURES
    assert set(inventory.left_out["reason"]) == {"not in the table of labels"}
    assert inventory.left_out["files"].sum() == 2


def test_columns_tell_split_and_group(pictures):
    lines = [
        f"{name},{int(i >= 4)},{'train' if i % 2 else 'test'},p{i // 2}"
        for i, name in enumerate(PICTURES)
    ]
    path = pictures / "labels.csv"
    path.write_text("image,class,subset,person\n" + "\n".join(lines))
    table = read_layout(path, Choices(group_by="person"))
    assert table["split"].tolist() == ["test", "train"] * 4
    assert table["group"].tolist() == [f"p{i // 2}" for i in range(8)]
    assert set(read_layout(path, Choices(split_from="dealt"))["split"]) == {""}
    with pytest.raises(UserError, match="no column 'age'; there are: image, class"):
        read_layout(path, Choices(group_by="age"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,label\n", "names no real image"),
        ("", "is empty"),
        ("a,b\n1,2\n", "expected one of path and one of label"),
        (rows("pictures/1.jpg,cat"), "has the labels cat"),
        (rows("pictures/1.jpg,fake"), "name a file again with another label"),
        (rows("pictures/1.jpg"), "line 10 has 1 cells, but the first line names 2"),
        (
            "path,label,set\npictures/1.jpg,real,train\npictures/2.jpg,fake,later\n",
            "splits later",
        ),
        ("path,label,set\npictures/1.jpg,real,train\npictures/2.jpg,fake,\n", "no split"),
        ("path,label\nreal/1.jpg,1\nfake/1.jpg,0\n", "contradicts their folder"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_in_words(pictures, write_tree, text, words):
    write_tree(pictures, ["real/1.jpg", "fake/1.jpg"])
    (pictures / "labels.csv").write_text(text)
    with pytest.raises(UserError, match=words):
        read_layout(pictures / "labels.csv")


def test_one_table_labels_one_dataset(pictures):
    with pytest.raises(UserError, match="--labels belongs to one dataset"):
        load_examples(Datasets([pictures, pictures], Choices(labels="labels.csv")))


NAMES = [
    f"{s}/{c}/{s}{c}{i}.jpg" for s in ("train", "test") for c in ("real", "fake") for i in (1, 2)
]


def metadata(cell: dict[str, str] | None = None, name=lambda file: file.rpartition("/")[2]) -> str:
    lines = ["split,file,label,original"]
    for file in NAMES:
        split, label, _ = file.split("/")
        lines.append(f"{split},{name(file)},{(cell or {}).get(label, label)},vidéo")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        metadata().encode(),
        metadata({"real": "0", "fake": "1"}).encode(),
        metadata(name=lambda file: file).encode(),
        metadata(name=lambda file: file.replace("/", "\\")).encode(),
        metadata().replace(",", ";").encode("utf-8-sig"),
        metadata().encode("cp1252"),
        metadata().replace("\n", "\r\n").encode("utf-16"),
        (metadata() + "\n\n").encode(),
    ],
    ids=["plain", "numbers", "paths", "windows", "semicolons", "cp1252", "utf16", "blank lines"],
)
def test_metadata_of_videos_is_understood(tmp_path, write_tree, content):
    root = write_tree(tmp_path, NAMES)
    (root / "metadata.csv").write_bytes(content)
    table = read_layout(root)
    assert set(table["source"]) == {"dfdc"} and table["group"].nunique() == 1


def test_rows_without_image_and_images_without_row_are_named(tmp_path, write_tree):
    root = write_tree(tmp_path, [*NAMES, "train/real/alone.jpg"])
    (root / "metadata.csv").write_text(metadata() + "train,ghost.jpg,real,x\n")
    remarks = " ".join(read_examples([root]).inventory.remarks)
    assert "1 rows of metadata.csv name no image of their split; the first is ghost.jpg" in remarks
    assert "1 images stand in no row" in remarks and "train/real/alone.jpg" in remarks


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (metadata() + "train\n", "line 10 has 1 cells"),
        (metadata({"real": "cat"}), "has the label 'cat'"),
        (metadata({"real": "fake", "fake": "real"}), "contradict each other on 8 images"),
    ],
)
def test_metadata_that_cannot_be_understood_is_refused_in_words(tmp_path, write_tree, text, words):
    root = write_tree(tmp_path, NAMES)
    (root / "metadata.csv").write_text(text)
    with pytest.raises(UserError, match=words):
        read_layout(root)
