"""Whatever lies in a folder, every file of it is in the table or counted as left out.

DFD_FUZZ=20000 pytest tests/data/sets/test_tree_fuzz.py looks at so many trees.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis: pip install dfd-tf[dev]")

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import read_examples
from dfd_tf.errors import UserError

JPEG = b"\xff\xd8\xff\xe0" + bytes(12)
CONTENTS = (JPEG, JPEG, JPEG, b"\x89PNG\r\n\x1a\n", b"", b"no picture", b"BM" + bytes(14))
FOLDERS = (
    *("real", "fake", "Real", "FAKE", "original", "Deepfakes", "FaceSwap", "NeuralTextures"),
    *("train", "test", "val", "validate", "eval", "holdout", "test_real_world", "Training_Real"),
    *("training_fake", "celeba", "stylegan", "Dataset", "real-vs-fake", "masks", "video1"),
    *("video2", "video3", "original_sequences", "manipulated_sequences", "youtube", "@eaDir"),
    *(".hidden", "__MACOSX", "lost+found", "a", "ü", "u\u0308", "0", "real fake", "x" * 60),
)
FILES = (
    *("1.jpg", "2.JPG", "3.png", "4.jpg_large", "5.mpo", "6", "7.tiff", ".8.jpg", "Thumbs.db"),
    *("readme.txt", "easy_1_1000.jpg", "000_003_1.png", "metadata.csv", ".complete", "9.jpg!d"),
)
METADATA = (
    "split,file,label,original\ntrain,1.jpg,real,v\ntest,2.JPG,1,w\n",
    "split;file;label;original\ntrain;real/1.jpg;REAL;v\n",
    "split,file,label,original\ntrain\n",
    "file,label\n1.jpg,0\n",
)

folder_names = st.one_of(
    st.sampled_from(("real", "fake")),
    st.sampled_from(FOLDERS),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1)
    .map(lambda name: name[:40])
    .filter(lambda name: name not in (".", "..")),
)
file_names = st.one_of(st.sampled_from(("1.jpg", "2.JPG", "3.png")), st.sampled_from(FILES))
places = st.lists(folder_names, max_size=5)
trees = st.dictionaries(
    st.tuples(places, file_names).map(lambda both: "/".join([*both[0], both[1]])),
    st.sampled_from(CONTENTS),
    max_size=14,
)
# Real and fake images under one prefix, so that many trees are datasets.
CORES = (
    (),
    ("real/1.jpg", "fake/1.jpg"),
    ("real/1.jpg", "real/5.jpg", "fake/1.jpg", "fake/5.jpg"),
    *((f"real/v{i}/1.jpg", f"fake/v{i}/1.jpg") for i in (1, 2)),
    tuple(f"{c}/v{i}/1.jpg" for c in ("real", "fake") for i in range(4)),
    ("train/real/1.jpg", "train/fake/1.jpg", "test/real/1.jpg", "test/fake/1.jpg"),
    ("original/1.jpg", "Deepfakes/000_003/1.jpg", "FaceSwap/2.jpg", "Face2Face/2.jpg"),
)
cores = st.tuples(
    st.lists(st.sampled_from(("train", "celeba", "wrapped")), max_size=2), st.sampled_from(CORES)
).map(lambda core: {"/".join([*core[0], name]): JPEG for name in core[1]})
links = st.lists(st.tuples(places, st.sampled_from(("link", "l.jpg")), places), max_size=3)
choices = st.builds(
    Choices,
    layout=st.sampled_from((None, None, None, "plain", "nested", "hff", "faceforensics")),
    split_from=st.sampled_from((None, None, "folder", "dealt")),
    group_by=st.sampled_from((None, None, "folder", "file")),
)


def lay_out(root: Path, tree: dict[str, bytes], metadata: str) -> None:
    for name, content in tree.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = metadata.encode() if path.name == "metadata.csv" else content
            path.write_bytes(text)
        except OSError:  # a file stands where a folder should, or a name is too long
            continue


def link(root: Path, wanted: list[tuple[list[str], str, list[str]]]) -> None:
    for place, name, target in wanted:
        try:
            root.joinpath(*place).mkdir(parents=True, exist_ok=True)
            root.joinpath(*place, name).symlink_to(root.joinpath(*target))
        except OSError:
            continue


def files_below(root: Path) -> Iterator[Path]:
    for place, _, names in os.walk(root):
        yield from (Path(place, name) for name in names)


@settings(
    max_examples=int(os.environ.get("DFD_FUZZ", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(trees, cores, links, st.sampled_from(METADATA), choices)
def test_every_file_is_in_the_table_or_counted(tree, core, wanted_links, metadata, chosen):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "set")
        root.mkdir()
        lay_out(root, tree | core, metadata)
        link(root, wanted_links)
        try:
            table, inventory = read_examples(Datasets([root], chosen))
        except UserError as error:
            event(f"refused: {str(error).replace(place, '')[:30]}")
            assert str(error)
            return
        event("read")
        check(root, table, inventory.left_out, has_links=bool(wanted_links))


def check(root: Path, table: pd.DataFrame, left_out: pd.DataFrame, *, has_links: bool) -> None:
    assert set(table["label"]) == {0, 1} and set(table["split"]) <= {"train", "valid", "test"}
    assert table["path"].is_unique and table["path"].map(os.path.isfile).all()
    assert not table.isna().any(axis=None) and (left_out["reason"] != "").all()
    files = list(files_below(root))
    used = {
        path for path in files if path.name == "metadata.csv" and "dfdc" in set(table["source"])
    }
    counted = len(table) + left_out["files"].sum()
    if has_links:  # what a link leads to may be counted on both ways
        assert counted >= sum(not path.is_symlink() for path in files) - len(used)
    else:
        assert len(files) - len(used) <= counted <= len(files)
