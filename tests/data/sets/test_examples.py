from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from dfd_tf.data.images.decode import decode_image
from dfd_tf.data.sets.examples import check_files, load_examples, split_table, write_splits
from dfd_tf.data.sets.splits import BY_RANK, split_folds, split_source
from dfd_tf.errors import UserError


def by_rank(table: pd.DataFrame, **options) -> pd.Series:
    return split_source(table, dealing=BY_RANK, **options).split


def table_of(groups: list[str], labels: list[int], **columns: list[str]) -> pd.DataFrame:
    files = [f"{i:04}.jpg" for i in range(len(groups))]
    return pd.DataFrame({"file": files, "group": groups, "label": labels, "split": "", **columns})


def singles(n_real: int, n_fake: int, split: str = "") -> pd.DataFrame:
    names = [f"g{i}" for i in range(n_real + n_fake)]
    return table_of(names, [0] * n_real + [1] * n_fake).assign(split=split)


def families(n: int) -> pd.DataFrame:
    """Each family: one real photo and one to five fakes made of it."""
    sizes = [1 + i % 5 for i in range(n)]
    groups = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size + 1)]
    labels = [label for size in sizes for label in [0] + [1] * size]
    return table_of(groups, labels)


def shares(table: pd.DataFrame, split: pd.Series) -> dict[tuple[str, int], float]:
    sizes = table["label"].value_counts()
    counts = table.groupby([split, "label"]).size()
    return {key: count / sizes[key[1]] for key, count in counts.items()}


def assert_groups_are_whole(table: pd.DataFrame, split: pd.Series) -> None:
    assert split.groupby(table["group"]).nunique().max() == 1


@pytest.mark.parametrize(
    "table", [singles(400, 100), singles(40, 40), families(200)], ids=["unequal", "small", "groups"]
)
@pytest.mark.parametrize("seed", [0, 7])
def test_a_set_without_splits_is_cut_70_15_15_by_group_and_class(table, seed):
    split = by_rank(table, seed=seed)
    assert_groups_are_whole(table, split)
    for (name, _), share in shares(table, split).items():
        assert share == pytest.approx(0.70 if name == "train" else 0.15, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_large_groups_are_spread_evenly(seed):
    sizes = [1] * 60 + [30] * 20
    groups = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    table = table_of([*groups, *(f"r{i}" for i in range(60))], [1] * len(groups) + [0] * 60)
    of_each = shares(table, by_rank(table, seed=seed))
    assert of_each["test", 1] == pytest.approx(0.15, abs=0.03)
    assert of_each["valid", 1] == pytest.approx(0.15, abs=0.03)


def test_the_cut_depends_on_the_seed_but_not_on_the_order_of_rows():
    table = singles(100, 100)
    split = by_rank(table, seed=1)
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(by_rank(shuffled, seed=1).sort_index(), split)
    assert (by_rank(table, seed=2) != split).any()


def test_difficulties_are_spread_evenly():
    difficulty = [""] * 90 + ["easy"] * 20 + ["mid"] * 40 + ["hard"] * 30
    table = table_of([f"g{i}" for i in range(180)], [0] * 90 + [1] * 90, difficulty=difficulty)
    counts = table.groupby([by_rank(table, seed=0), "difficulty"]).size()
    for name in ("test", "valid"):
        assert counts[name]["easy"] == pytest.approx(3, abs=1)
        assert counts[name]["mid"] == pytest.approx(6, abs=1)
        assert counts[name]["hard"] == pytest.approx(4.5, abs=1)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_tiny_sets_have_both_classes_everywhere(n):
    table = singles(n, n)
    assert len(shares(table, by_rank(table, seed=0))) == 6


def test_own_splits_are_kept_and_missing_ones_are_cut_from_train():
    train, own = singles(100, 100, "train"), singles(10, 10, "valid")
    table = pd.concat([train, own.assign(group="v" + own["group"])], ignore_index=True)
    split = by_rank(table, seed=0)
    assert (split[200:] == "valid").all()
    assert split[:200].value_counts().to_dict() == {"train": 170, "test": 30}
    only_test = singles(5, 5, "test")
    assert (by_rank(only_test, seed=0) == "test").all()


def test_valid_from_train_leaves_the_own_valid_split_untouched():
    parts = [singles(100, 100, "train"), singles(10, 10, "valid"), singles(10, 10, "test")]
    table = pd.concat(parts, ignore_index=True)
    table["group"] = table["split"] + table["group"]
    split = by_rank(table, seed=0, valid_from_train=0.2)
    assert split.value_counts().to_dict() == {
        "train": 160,
        "valid": 40,
        "valid_own": 20,
        "test": 20,
    }
    assert (split[table["split"] == "valid"] == "valid_own").all()
    assert table["label"][split == "valid"].mean() == 0.5


@pytest.mark.parametrize("table", [singles(53, 47), families(60)], ids=["singles", "groups"])
def test_folds_test_every_image_once(table):
    n_folds, tested = 5, []
    for k in range(n_folds):
        split = split_folds(table, (k, n_folds), seed=0)
        assert_groups_are_whole(table, split)
        tested += table.index[split == "test"].tolist()
        of_each = shares(table, split)
        for label in (0, 1):
            assert of_each["test", label] == pytest.approx(0.2, abs=0.05)
            assert of_each["valid", label] == pytest.approx(0.15 * 0.8, abs=0.05)
    assert sorted(tested) == table.index.tolist()


def test_folds_spread_difficulties():
    difficulty = [""] * 50 + ["easy"] * 25 + ["hard"] * 25
    table = table_of([f"g{i}" for i in range(100)], [0] * 50 + [1] * 50, difficulty=difficulty)
    split = split_folds(table, (2, 5), seed=0)
    in_test = table["difficulty"][split == "test"].value_counts()
    assert in_test.to_dict() == {"": 10, "easy": 5, "hard": 5}


@pytest.mark.parametrize("fold", [(5, 5), (-1, 5), (0, 1)])
def test_a_fold_that_does_not_exist(fold):
    with pytest.raises(UserError, match="fold"):
        split_folds(singles(9, 9), fold, seed=0)


def test_too_few_groups_for_the_folds():
    with pytest.raises(UserError, match="the class fake has 3"):
        split_folds(singles(9, 3), (0, 5), seed=0)


def plain(n: int = 10) -> list[str]:
    return [f"{name}/bild ä {i}.jpg" for name in ("real", "fake") for i in range(n)]


def test_splits_do_not_depend_on_where_the_data_lies(tmp_path, write_tree):
    first = write_tree(tmp_path / "one", plain())
    second = tmp_path / "deep" / "other name" / "wrapped"
    shutil.copytree(first, second)
    tables = [load_examples([root], seed=3) for root in (first, second, second.parent)]
    for table in tables[1:]:
        assert table["split"].tolist() == tables[0]["split"].tolist()
    fingerprints = {check_files(table, progress=False).fingerprint for table in tables}
    assert len(fingerprints) == 1


def test_several_sets_are_kept_apart(tmp_path, write_tree):
    roots = [write_tree(tmp_path / where / "faces", plain()) for where in ("a", "b")]
    wide = write_tree(
        tmp_path / "c",
        [f"training_{c}/easy_{i}_1000.jpg" for i in range(5) for c in ("real", "fake")],
    )
    examples = load_examples([*roots, wide])
    assert examples["source"].unique().tolist() == ["faces", "faces-2", "ciplab"]
    assert examples.groupby("group")["source"].nunique().max() == 1
    assert not examples.isna().any(axis=None)
    assert examples["path"].is_unique and examples.index.is_unique
    assert set(examples["split"]) == {"train", "valid", "test"}
    pd.testing.assert_frame_equal(examples, load_examples([*roots, wide]))


def test_a_set_given_twice_is_refused(tmp_path, write_tree):
    write_tree(tmp_path / "wrapper/faces", plain(3))
    with pytest.raises(UserError, match=r"is in two of the given datasets"):
        load_examples([tmp_path, tmp_path / "wrapper"])
    (tmp_path / "link").symlink_to(tmp_path / "wrapper/faces")
    with pytest.raises(UserError, match=r"is in two of the given datasets, there as .*link/"):
        load_examples([tmp_path / "wrapper", tmp_path / "link"])


@pytest.mark.parametrize(("roots", "options"), [([], {}), (["x"], {"valid_from_train": 1.0})])
def test_impossible_requests(roots, options):
    with pytest.raises(UserError):
        load_examples(roots, **options)


def test_folds_and_shares_reach_the_table(tmp_path, write_tree):
    root = write_tree(tmp_path, [f"{s}/{n}" for s in ("train", "valid") for n in plain()])
    folds = [load_examples([root], fold=(k, 4)) for k in range(4)]
    tested = itertools.chain(*(table["file"][table["split"] == "test"] for table in folds))
    assert sorted(tested) == folds[0]["file"].tolist()
    wide = load_examples([root], fold=(0, 4), valid_from_train=0.4)["split"]
    assert wide.value_counts().to_dict() == {"train": 18, "valid": 12, "test": 10}
    own = load_examples([root], valid_from_train=0.3)
    assert set(own["split"]) == {"train", "valid", "valid_own", "test"}


def test_the_split_is_counted_and_written_down(tmp_path, write_tree):
    root = write_tree(tmp_path / "set", plain(20))
    examples = load_examples([root], dealing=BY_RANK)
    counts = split_table(examples)
    assert counts.index.tolist() == [("set", s) for s in ("train", "valid", "test")]
    assert counts["real"].tolist() == counts["fake"].tolist() == [14, 3, 3]
    write_splits(examples, tmp_path / "splits.csv")
    written = pd.read_csv(tmp_path / "splits.csv")
    columns = ["source", "file", "label", "split", "group"]
    pd.testing.assert_frame_equal(written, examples[columns])
    assert str(tmp_path) not in (tmp_path / "splits.csv").read_text()


def test_check_files_names_what_is_damaged(tmp_path, write_tree, capfd):
    root = write_tree(tmp_path, plain())
    whole = check_files(load_examples([root]), progress=False)
    (root / "real/empty.jpg").write_bytes(b"")
    (root / "real/text.png").write_text("not an image")
    Image.new("RGB", (20, 50)).save(root / "real/tiny.png")
    cut = root / "fake/bild ä 3.jpg"
    cut.write_bytes(cut.read_bytes()[:-40])
    examples = load_examples([root])
    (root / "fake/bild ä 4.jpg").unlink()
    found = check_files(examples, progress=False)
    assert dict(zip(found.damaged["path"], found.damaged["reason"], strict=True)) == {
        str(cut): "truncated JPEG",
        str(root / "fake/bild ä 4.jpg"): "no such file",
        str(root / "real/empty.jpg"): "empty file",
        str(root / "real/text.png"): "not an image (starts with 'not an i')",
        str(root / "real/tiny.png"): "too small: 20x50 pixels, at least 32 a side are needed",
    }
    assert len(found.usable) == 18 and found.usable.index.tolist() == list(range(18))
    assert set(found.usable["format"]) == {"jpeg"}
    assert found.usable["plain"].all() and found.usable["plain"].dtype == bool
    assert (found.usable[["width", "height"]] == [48, 36]).all(axis=None)
    assert found.fingerprint != whole.fingerprint
    assert capfd.readouterr() == ("", "")


def test_fingerprint_follows_content_and_class_alone(tmp_path, write_tree):
    root = write_tree(tmp_path, plain(4))

    def fingerprint() -> str:
        return check_files(load_examples([root]), progress=False).fingerprint

    before = fingerprint()
    (root / "real/bild ä 0.jpg").rename(root / "real/zzz.jpg")
    assert fingerprint() == before
    (root / "real/zzz.jpg").rename(root / "fake/zzz.jpg")
    assert fingerprint() != before


def test_a_class_without_one_usable_file_is_an_error(tmp_path, write_tree):
    root = write_tree(tmp_path, plain(2))
    for path in (root / "fake").iterdir():
        path.write_bytes(b"")
    with pytest.raises(UserError, match=r"not one of the fake images.*bild ä 0\.jpg: empty file"):
        check_files(load_examples([root]), progress=False)


def test_real_data_is_split_and_decoded(data_root: Path):
    folders = ("140k", "openforensics", "ciplab", "dfdc_faces")
    examples = load_examples([data_root / folder for folder in folders])
    counts = split_table(examples)
    assert counts.loc["140k"].to_numpy().tolist() == [[700, 700], [100, 100], [100, 100]]
    assert counts.loc["openforensics"].to_numpy().tolist() == [[2600] * 2, [700] * 2, [700] * 2]
    assert counts.loc["dfdc"].to_numpy().tolist() == [[1500] * 2, [300] * 2, [300] * 2]
    assert counts.loc["ciplab"].sum().tolist() == [811, 690]
    found = check_files(examples.sample(300, random_state=0), progress=False)
    assert found.damaged.empty and found.usable["plain"].all()
    assert decode_image(Path(found.usable["path"][0]).read_bytes()).shape[2] == 3
