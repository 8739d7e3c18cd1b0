from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.cli import main
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.sets.examples import check_files, load_examples
from dfd_tf.errors import UserError

tfds = pytest.importorskip(
    "tensorflow_datasets", reason="needs tensorflow-datasets: pip install dfd-tf[tfds]"
)

from dfd_tf.data.sets.builders import RealFakeFaces, build_faces  # noqa: E402  # needs it too

REAL_NAMES = [f"real_{i:05}.jpg" for i in range(12)]
FAKE_NAMES = [
    f"{level}_{i}_{bits}.jpg"
    for i in range(4)
    for level, bits in (("easy", "1000"), ("mid", "1100"), ("mid", "0011"), ("hard", "1111"))
]
HFM_NAMES = [
    *(f"training_real/{name}" for name in REAL_NAMES),
    *(f"training_fake/{name}" for name in FAKE_NAMES),
]
SPLIT_NAMES = [
    f"{split}/{label}/{i}.jpg"
    for split in ("train", "valid", "test")
    for label in ("real", "fake")
    for i in range(3)
]
COLUMNS = ["file", "label", "split", "group", "source"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DFD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def f140k(tmp_path, write_tree) -> Path:
    write_tree(tmp_path / "140k" / "real_vs_fake" / "real-vs-fake", SPLIT_NAMES)
    return tmp_path / "140k"


@pytest.fixture
def hfm(tmp_path, write_tree) -> Path:
    return write_tree(tmp_path / "real_and_fake_face", HFM_NAMES)


def digests(paths: list[str]) -> list[str]:
    return [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]


def encoded(builder, split: str) -> list[dict]:
    skip = {"image": tfds.decode.SkipDecoding()}
    return list(tfds.as_numpy(builder.as_dataset(split, decoders=skip)))


def write_set(data_dir: Path, features: dict, splits: dict[str, list], **options) -> str:
    """Build a set of other people's making and return its address."""
    tfds.dataset_builders.store_as_tfds_dataset(
        name="others",
        version="2.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={name: list(enumerate(given)) for name, given in splits.items()},
        data_dir=data_dir,
        disable_shuffling=True,
        **options,
    )
    return f"tfds:others@{data_dir}"


def faces(n: int = 4, **texts: str) -> list[dict]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, 8, 10, 3), dtype=np.uint8)
    return [{"image": pixels[i], "label": i % 2, **texts} for i in range(n)]


def of_classes(*names: str) -> dict:
    return {
        "image": tfds.features.Image(encoding_format="png"),
        "label": tfds.features.ClassLabel(names=names),
    }


def assert_same_examples(ours: pd.DataFrame, theirs: pd.DataFrame, columns=COLUMNS) -> None:
    pd.testing.assert_frame_equal(ours[columns], theirs[columns], check_dtype=False)
    assert digests(list(ours.path)) == digests(list(theirs.path))


def test_a_built_140k_holds_the_files_themselves_in_its_own_splits(f140k, tmp_path):
    build_faces(f140k, tmp_path / "tfds")
    builder = tfds.builder("real_fake_faces/140k", data_dir=tmp_path / "tfds")
    counts = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert counts == {"train": 6, "validation": 6, "test": 6}
    assert builder.info.features["label"].names == ["real", "fake"]
    base = f140k / "real_vs_fake" / "real-vs-fake"
    for example in encoded(builder, "validation"):
        file = example["file"].decode()
        assert example["image"] == (base / file).read_bytes()
        assert file.startswith(f"valid/{['real', 'fake'][example['label']]}/")


def test_a_built_hfm_is_cut_by_group_and_keeps_what_file_names_tell(hfm, tmp_path):
    build_faces(hfm, tmp_path / "tfds")
    builder = tfds.builder("real_fake_faces/hfm", data_dir=tmp_path / "tfds")
    expected = load_examples([hfm]).set_index("file")
    split_of_group: dict[bytes, str] = {}
    for ours, theirs in (("train", "train"), ("valid", "validation"), ("test", "test")):
        for example in encoded(builder, theirs):
            row = expected.loc[example["file"].decode()]
            assert (row["split"], row["label"]) == (ours, example["label"])
            assert row["parts"] == example["parts"].decode()
            assert row["difficulty"] == example["difficulty"].decode()
            assert split_of_group.setdefault(example["group"], ours) == ours
    assert len(split_of_group) == expected["group"].nunique() < len(expected)


def test_the_usual_way_of_tensorflow_datasets_builds_the_same(f140k, tmp_path):
    manual = tfds.download.DownloadConfig(manual_dir=f140k)
    splits = tfds.load(
        "real_fake_faces/140k",
        data_dir=tmp_path / "tfds",
        download_and_prepare_kwargs={"download_config": manual},
        as_supervised=True,
    )
    images = [(image.shape, int(label)) for image, label in splits["test"].as_numpy_iterator()]
    assert sorted(images) == [((36, 48, 3), 0)] * 3 + [((36, 48, 3), 1)] * 3


@pytest.mark.parametrize(
    "options", [{}, {"seed": 7}, {"fold": (1, 3)}, {"valid_from_train": 0.3}], ids=str
)
@pytest.mark.parametrize("name", ["f140k", "hfm"])
def test_a_built_set_gives_the_examples_of_its_folder(name, options, tmp_path, request):
    root = request.getfixturevalue(name)
    ours = load_examples([build_faces(root, tmp_path / "tfds")], **options)
    columns = COLUMNS + (["difficulty", "parts"] if name == "hfm" else [])
    assert_same_examples(ours, load_examples([root], **options), columns)


def test_pixels_and_fingerprint_are_those_of_the_folder(hfm, tmp_path, make_pixels):
    Image.fromarray(make_pixels(99)).save(hfm / "training_real" / "photo.png")
    ours = load_examples([build_faces(hfm, tmp_path / "tfds")])
    theirs = load_examples([hfm])
    for a, b in zip(ours.path, theirs.path, strict=True):
        np.testing.assert_array_equal(read_image(a), read_image(b))
    checked = [check_files(table, progress=False) for table in (ours, theirs)]
    assert checked[0].fingerprint == checked[1].fingerprint


def test_a_damaged_file_is_kept_to_be_named_later(hfm, tmp_path):
    (hfm / "training_real" / "broken.jpg").write_bytes(b"not an image")
    checked = check_files(load_examples([build_faces(hfm, tmp_path / "tfds")]), progress=False)
    assert len(checked.damaged) == 1
    assert len(checked.usable) == len(HFM_NAMES)


def test_a_plain_folder_is_built_under_its_own_name(tmp_path, write_tree):
    names = [f"{label}/{i}.jpg" for label in ("real", "fake") for i in range(4)]
    root = write_tree(tmp_path / "my faces", names)
    address = build_faces(root, tmp_path / "tfds")
    assert address == f"tfds:real_fake_faces/my_faces@{tmp_path / 'tfds'}"
    assert_same_examples(load_examples([address]), load_examples([root]))


def test_a_plain_folder_called_like_a_known_set_does_not_pass_for_it(tmp_path, write_tree):
    root = write_tree(tmp_path / "hfm", ["real/a.jpg", "fake/b.jpg"])
    address = build_faces(root, tmp_path / "tfds")
    assert "/hfm_folder@" in address
    assert_same_examples(load_examples([address]), load_examples([root]))


def test_a_set_is_not_built_over_another(f140k, tmp_path):
    build_faces(f140k, tmp_path / "tfds")
    with pytest.raises(UserError, match="is there already"):
        build_faces(f140k, tmp_path / "tfds")


def test_a_folder_of_another_dataset_is_refused_and_leaves_nothing(hfm, tmp_path):
    builder = RealFakeFaces(data_dir=tmp_path / "tfds", config="140k")
    manual = tfds.download.DownloadConfig(manual_dir=hfm)
    with pytest.raises(UserError, match="holds the dataset 'ciplab': expected '140k'"):
        builder.download_and_prepare(download_config=manual)
    assert not Path(builder.data_dir).exists()


def test_a_missing_folder_is_answered_with_instructions(tmp_path):
    builder = RealFakeFaces(data_dir=tmp_path / "tfds", config="hfm")
    manual = tfds.download.DownloadConfig(manual_dir=tmp_path / "nowhere")
    with pytest.raises(AssertionError, match=r"training_\{real,fake\}"):
        builder.download_and_prepare(download_config=manual)


def test_images_are_extracted_once_and_anew_after_a_new_build(f140k, tmp_path, cache, write_jpeg):
    address = build_faces(f140k, tmp_path / "tfds")
    first = load_examples([address])
    marked = Path(first.path.iloc[0])
    marked.write_bytes(b"only to see whether it is written again")
    assert digests(list(load_examples([address]).path)) == digests(list(first.path))
    assert not list(cache.rglob(".unfinished-*"))

    built = tmp_path / "tfds" / "real_fake_faces"
    built.rename(tmp_path / "old")
    write_jpeg(f140k / "real_vs_fake" / "real-vs-fake" / "train" / "fake" / "new.jpg", seed=50)
    build_faces(f140k, tmp_path / "tfds")
    assert_same_examples(load_examples([address]), load_examples([f140k]))


def test_an_interrupted_extraction_leaves_nothing_behind(tmp_path, cache):
    unlabelled = [*faces(3), {"image": faces(1)[0]["image"], "label": -1}]
    address = write_set(tmp_path / "tfds", of_classes("real", "fake"), {"train": unlabelled})
    with pytest.raises(UserError, match="images without a label"):
        load_examples([address])
    assert not [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_sets_of_others_are_read_by_their_class_names(tmp_path, file_format):
    if file_format == "array_record":
        pytest.importorskip("array_record", reason="needs array-record, which is optional")
    given = {"train": faces(20), "validation": faces(4), "test": faces(4)}
    features = of_classes("deepfake", "original")
    address = write_set(tmp_path / "tfds", features, given, file_format=file_format)
    examples = load_examples([address])
    assert examples["split"].value_counts().to_dict() == {"train": 20, "valid": 4, "test": 4}
    assert set(examples["source"]) == {"others"}
    assert examples["group"].is_unique
    train = examples[examples["split"] == "train"]
    pixels = {read_image(row.path).tobytes(): row.label for row in train.itertuples()}
    assert pixels == {face["image"].tobytes(): 1 - face["label"] for face in given["train"]}


def test_groups_of_others_stay_together(tmp_path):
    features = {**of_classes("real", "fake"), "group": tfds.features.Scalar(np.int64)}
    given = [{**face, "group": i // 4} for i, face in enumerate(faces(40))]
    examples = load_examples([write_set(tmp_path / "tfds", features, {"everything": given})])
    assert examples["group"].nunique() == 10
    assert examples.groupby("group")["split"].nunique().max() == 1
    assert set(examples["split"]) == {"train", "valid", "test"}


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"label": tfds.features.ClassLabel(names=["real", "fake"])}, "needs a feature 'image'"),
        ({"image": tfds.features.Image()}, "needs a feature 'label'"),
        ({**of_classes("a"), "label": tfds.features.Scalar(np.int64)}, r"label \(Scalar\)"),
        (of_classes("cat", "dog"), "are cat, dog: expected one for real and one for fake"),
        (of_classes("real", "fake", "cat"), "expected one for real and one for fake"),
        (of_classes("fake", "deepfake"), "expected one for real and one for fake"),
    ],
)
def test_a_set_of_something_else_is_refused(features, message, tmp_path):
    examples = [{key: face[key] for key in features} for face in faces(4)]
    address = write_set(tmp_path / "tfds", features, {"train": examples})
    with pytest.raises(UserError, match=message):
        load_examples([address])


def test_splits_that_cannot_be_told_are_refused(tmp_path):
    given = {"train": faces(4), "unsupervised": faces(4)}
    address = write_set(tmp_path / "tfds", of_classes("real", "fake"), given)
    with pytest.raises(UserError, match="unsupervised cannot be told"):
        load_examples([address])


@pytest.mark.parametrize("name", ["nothing", "", "real_fake_faces/hfm", "a b", "mnist:x"])
def test_an_unknown_name_is_answered_with_what_is_there(name, f140k, tmp_path):
    build_faces(f140k, tmp_path / "tfds")
    with pytest.raises(UserError, match=r"there are: real_fake_faces/140k\. .*dfd prepare"):
        load_examples([f"tfds:{name}@{tmp_path / 'tfds'}"])


@pytest.mark.parametrize("package", ["tensorflow", "tensorflow_datasets"])
def test_a_missing_package_is_named_with_the_remedy(package, f140k, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)  # what Python itself does for "not there"
    assert main(["prepare", "--data", str(f140k), "--out", str(tmp_path / "tfds")]) == 2
    message = capsys.readouterr().err
    assert f"needs {package}, which is not installed: pip install" in message
    with pytest.raises(ModuleNotFoundError, match=package):
        load_examples(["tfds:real_fake_faces/140k"])


def test_prepare_prints_what_to_give_to_data(hfm, tmp_path, capsys):
    arguments = ["prepare", "--data", str(hfm), "--out", str(tmp_path / "tfds"), "--quiet"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed == f"tfds:real_fake_faces/hfm@{tmp_path / 'tfds'}\n"
    assert len(load_examples([printed.strip()])) == len(HFM_NAMES)
    assert main(arguments) == 2
    assert "is there already" in capsys.readouterr().err
