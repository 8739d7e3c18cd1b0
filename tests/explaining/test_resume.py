import csv
import json
import os

import pytest

from dfd_tf.explaining.resume import drop_others, finished_rows
from dfd_tf.explaining.sheet import PER_SHEET

MADE_WITH = {"weights_sha256": "abc", "method": "gradcam", "faces": "auto"}


@pytest.fixture
def interrupted(tmp_path):
    """A folder in which one sheet and a half are done; the second file was damaged."""
    paths = [tmp_path / f"{number}.png" for number in range(2 * PER_SHEET)]
    for path in paths:
        path.write_bytes(b"")
        os.utime(path, (0, 0))
    out = tmp_path / "maps"
    out.mkdir()
    with (out / "explain.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["path", "picture"])
        table.writeheader()
        for number, path in enumerate(paths[: PER_SHEET + PER_SHEET // 2]):
            table.writerow({"path": path, "picture": "" if number == 1 else f"{number}.png"})
    (out / "explain.json").write_text(json.dumps(MADE_WITH))
    return out, paths


def test_it_goes_on_after_the_last_full_sheet(interrupted):
    out, paths = interrupted
    rows = finished_rows(out, MADE_WITH, paths)
    assert len(rows) == PER_SHEET + 1  # the damaged file is on no sheet
    assert [row["path"] for row in rows] == [str(path) for path in paths[: PER_SHEET + 1]]


def test_what_was_made_otherwise_is_made_again(interrupted):
    out, paths = interrupted
    for key, value in (("weights_sha256", "def"), ("method", "layercam"), ("faces", "whole")):
        assert finished_rows(out, MADE_WITH | {key: value}, paths) == []
    assert finished_rows(out, MADE_WITH, paths[1:]) == []
    assert finished_rows(out, MADE_WITH, paths[:5]) == []
    assert finished_rows(out / "new", MADE_WITH, paths) == []


def test_a_file_that_has_changed_is_explained_again(interrupted):
    out, paths = interrupted
    later = (out / "explain.csv").stat().st_mtime + 10
    os.utime(paths[3], (later, later))
    assert finished_rows(out, MADE_WITH, paths) == []


def test_older_pictures_do_not_stay_among_new_ones(interrupted):
    out, paths = interrupted
    for name in ("0.png", f"{PER_SHEET + 2}.png", "sheet_01.png", "sheet_02.png", "mine.png"):
        (out / name).write_bytes(b"")
    kept = finished_rows(out, MADE_WITH, paths)
    drop_others(out, kept)
    assert {path.name for path in out.glob("*.png")} == {"0.png", "sheet_01.png", "mine.png"}
    drop_others(out, [])
    assert {path.name for path in out.glob("*.png")} == {"mine.png"}
