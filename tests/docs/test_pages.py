"""What the documentation shows runs, and what it names is there."""

import re
from pathlib import Path

import pytest

from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.models import architecture

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[str]:
    return PYTHON.findall((REPOSITORY / "docs" / page).read_text(encoding="utf-8"))


def test_the_quickstart_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    for block in blocks("quickstart.md"):
        exec(compile(block, "quickstart.md", "exec"), space)
    verdicts = space["verdicts"]
    named = verdicts.path.map(lambda path: Path(path).parent.name)
    decided = verdicts.verdict != "inconclusive"
    assert decided.sum() >= 8
    assert (verdicts.verdict[decided] == named[decided]).all()
    assert space["metrics"]["auc"]["value"] > 0.9
    assert (tmp_path / "evaluation" / "report.html").is_file()
    assert "amtenet" in capsys.readouterr().out


@pytest.fixture
def records(monkeypatch):
    """What the blocks of the page about extending define, in an emptied registry."""
    monkeypatch.setattr("dfd_tf.models.registry._ARCHITECTURES", {})
    space = [{} for _ in range(4)]
    for found, block in zip(space, blocks("guides/extend.md"), strict=True):
        exec(compile(block, "extend.md", "exec"), found)
    return space


def test_what_the_page_about_extending_shows_works(records, make_pixels, write_tree, tmp_path):
    detector, layout, degradation, metric = records
    model = detector["small"]()
    assert model.output_shape == (None, 1)
    assert model.count_params() == architecture("small").parameters

    names = ["genuine/a.jpg", "genuine/b.jpg", "synthetic/c.jpg"]
    found = layout["LAYOUT"].recognise(Folder(write_tree(tmp_path / "set", names)))
    assert sorted(part.label for part in found.parts) == [0, 1]

    (dark,) = degradation["RECORDS"]
    pixels = make_pixels()
    assert dark.apply(pixels, 0.5, None).mean() == pytest.approx(pixels.mean() / 2, abs=1)

    (prevalence,) = metric["RECORDS"]
    assert prevalence.name == "prevalence"


def test_the_map_of_contributing_names_what_is_there():
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2] for row in text.splitlines() if row.startswith("| W")]
    names = {name for row in rows for name in re.findall(r"`([\w/]+(?:/|\.py))`", row)}
    package = REPOSITORY / "dfd_tf"
    assert len(names) > 20
    for name in names:
        assert (package / name).exists() or list(package.rglob(name)), name
