"""A layout is one record: those of the house, and those of packages that know nothing of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.data.sets.layouts import layout_named, layouts, terms_of
from dfd_tf.errors import UserError

RECORD = """
from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.layouts import Layout, Recognised

def by_colour(name):
    return {"blue": 0, "red": 1}.get(name)

def recognise(folder):
    parts = class_folders(folder, by_colour)
    return Recognised(parts) if parts else None

LAYOUT = Layout("colours", "blue/ (real) and red/ (fake)", recognise, terms="Anybody may.")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch):
    """Put a small distribution with one module and one entry point on the path."""

    def put(code: str, module: str = "strangers_layout", target: str = "LAYOUT") -> None:
        place = tmp_path / "site"
        info = place / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (place / f"{module}.py").write_text(code)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[dfd_tf.layouts]\ncolours = {module}:{target}\n")
        monkeypatch.syspath_prepend(place)

    yield put
    sys.modules.pop("strangers_layout", None)


def test_a_strangers_package_adds_a_layout_by_one_file(tmp_path, write_tree, install):
    names = [f"{split}/{colour}/{i}.jpg" for split in ("train", "test")
             for colour in ("blue", "red") for i in range(3)]  # fmt: skip
    root = write_tree(tmp_path / "mine", names)
    with pytest.raises(UserError, match="no known dataset layout"):
        load_examples([root])
    install(RECORD)
    examples = load_examples([root])
    assert set(examples["source"]) == {"colours"}
    assert (examples["label"] == examples["file"].str.contains("red")).all()
    assert terms_of("colours") == "Anybody may."
    assert len(load_examples(Datasets([root], Choices(layout="colours")))) == len(names)
    with pytest.raises(UserError, match=r"(?s)Looked for\n.*colours +blue/ \(real\) and red/"):
        load_examples([write_tree(tmp_path / "other", ["cats/1.jpg"])])


@pytest.mark.parametrize(
    ("code", "target", "words"),
    [
        (
            "import something_that_is_not_there",
            "LAYOUT",
            "package strangers_layout cannot be loaded",
        ),
        ("LAYOUT = 3", "LAYOUT", "is a int; dfd_tf.layouts takes records"),
        (
            RECORD.replace('"colours"', '"plain"'),
            "LAYOUT",
            "'plain' to dfd_tf.layouts, where this name",
        ),
    ],
)
def test_a_strangers_fault_is_named(install, code, target, words):
    install(code, target=target)
    with pytest.raises(UserError, match=words):
        layouts()


def test_every_layout_of_the_house_is_found_and_the_plain_one_asked_last():
    names = [layout.name for layout in layouts() if not layout.only_if_named]
    assert names[-1] == "plain"
    assert {"demo", "dfdc", "140k", "openforensics", "ciplab", "faceforensics", "hff"} < set(names)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="Did you mean 'openforensics'"):
        layout_named("openforensic")


def test_terms_are_those_of_the_layout_also_for_a_second_copy():
    assert "non-commercial" in terms_of("140k") == terms_of("140k-2")
    assert terms_of("my faces").startswith("unknown")


def test_real_photos_alone_are_read_where_the_user_says_so(tmp_path, write_tree):
    root = write_tree(tmp_path / "mine", [f"{place}/{i}.jpg" for place in "ab" for i in range(20)])
    with pytest.raises(UserError, match="--layout reals"):
        load_examples([root])
    examples = load_examples(Datasets([root], Choices(layout="reals")))
    assert len(examples) == 40
    assert set(examples["label"]) == {0}
    assert set(examples["split"]) == {"train", "valid", "test"}
