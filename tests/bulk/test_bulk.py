"""`dfd bulk`: the rows of `dfd predict`, none lost and none twice, whatever happens meanwhile.

Beam's pins do not go together with TensorFlow's here: `make test-beam` has an environment for it.
"""

import csv
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("apache_beam", reason="needs the extra beam: make test-beam")

import pyarrow as pa
import pyarrow.parquet as pq

from dfd_tf.bulk.listing import list_files
from dfd_tf.bulk.pipeline import Settings, run
from dfd_tf.bulk.rows import SCHEMA
from dfd_tf.cli import main
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError

MODEL = "efficientnet_lite0"
PHOTOS = 100
SHARD = 10


@pytest.fixture(scope="module")
def photos(once):
    return once("bulk_photos", write_photos)


def write_photos(folder):
    """Photos of which one in a hundred is none, and names that are no text."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    picture = Image.fromarray(load_sample_image("china.jpg"))
    for i in range(PHOTOS - 1):
        piece = picture.crop((3 * i, i, 3 * i + 200, i + 180))
        piece.save(folder / f"{i:03}.jpg", quality=60 + i % 40)
    (folder / "torn.jpg").write_bytes((folder / "000.jpg").read_bytes()[:900])
    os.rename(folder / "098.jpg", os.fsencode(folder) + b"/\xff,\n'.jpg")


def files_of(folder):
    return sorted(str(path) for path in folder.iterdir())


def settings(photos, out, **changes):
    known = {"inputs": [str(photos)], "output": str(out), "model": MODEL, "faces": "whole"}
    return Settings(**known | {"shard": SHARD} | changes)


def rows_in(folder):
    tables = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    return pa.concat_tables(tables).to_pylist()


def expected_rows(photos, faces):
    """As `dfd predict` judges them."""
    detector = load_detector(MODEL, engine="lite")
    for rows in detector.judgements(files_of(photos), faces=faces):
        for row in rows:
            box = row.box or (None,) * 4
            name = row.path.encode("utf-8", "backslashreplace").decode()
            digest = hashlib.sha256(Path(row.path).read_bytes()).hexdigest()
            values = (name, row.rounded, row.verdict, row.reason, *box, digest)
            yield dict(zip(SCHEMA.names, (*values, detector.info.tflite_sha256), strict=True))


def test_rows_are_those_of_predict_to_the_last_digit(photos, tmp_path):
    counts = run(settings(photos, tmp_path / "out"))
    rows = rows_in(tmp_path / "out" / "rows")
    assert rows == list(expected_rows(photos, "whole"))
    assert (len(rows), counts.pop("shards"), counts["error"]) == (PHOTOS, PHOTOS / SHARD, 1)
    assert sum(counts.values()) == PHOTOS


def test_faces_are_found_as_predict_finds_them(tmp_path):
    import matplotlib

    photo = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "hopper.jpg").write_bytes(photo.read_bytes())
    run(settings(tmp_path / "photos", tmp_path / "out", faces="detect"))
    (row,) = rows_in(tmp_path / "out" / "rows")
    assert [row] == list(expected_rows(tmp_path / "photos", "detect"))
    assert row["width"] > 100


def test_dead_letters_say_why(photos, tmp_path):
    run(settings(photos, tmp_path / "out"))
    (dead,) = rows_in(tmp_path / "out" / "dead")
    assert (Path(dead["path"]).name, dead["reason"]) == ("torn.jpg", "truncated JPEG")


def test_workers_of_their_own_give_the_same(photos, tmp_path):
    options = ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]
    run(settings(photos, tmp_path / "out"), options)
    assert rows_in(tmp_path / "out" / "rows") == list(expected_rows(photos, "whole"))


def test_killed_in_the_middle_it_goes_on_with_what_is_left(photos, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dfd_tf", "bulk", "--input", photos, "--output", out]
    command += ["--faces", "whole", "--shard", "2"]
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
    until(lambda: len(list(out.glob("rows/*.parquet"))) > 2, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    written = {path: path.stat().st_mtime_ns for path in out.glob("rows/*.parquet")}
    assert 2 < len(written) < PHOTOS / 2
    assert main([*map(str, command[3:]), "--resume"]) == 1  # the torn one
    assert rows_in(out / "rows") == list(expected_rows(photos, "whole"))
    assert all(path.stat().st_mtime_ns == then for path, then in written.items())


def test_a_worker_that_is_killed_ends_the_run_and_the_rest_is_gone_on_with(photos, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dfd_tf", "bulk", "--input", photos, "--output", out]
    command = [*map(str, command), "--faces", "whole", "--shard", "2"]
    workers = ["--", "--direct_running_mode=multi_processing", "--direct_num_workers=2"]
    process = subprocess.Popen([*command, *workers], stderr=subprocess.PIPE, text=True)
    until(lambda: len(list(out.glob("rows/*.parquet"))) > 2, process)
    worker = next(pid for pid in below(process.pid) if is_worker(pid))
    os.kill(worker, signal.SIGKILL)
    said, code = process.communicate(timeout=60)[1], process.returncode
    assert (code, "a worker process died" in said) == (2, True)
    assert len(list(out.glob("rows/*.parquet"))) < PHOTOS / 2
    assert main([*command[3:], "--resume"]) == 1  # the torn one
    assert rows_in(out / "rows") == list(expected_rows(photos, "whole"))


def below(pid):
    """Processes that a process started, and those that they did."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from below(child)


def is_worker(pid):
    """Whether this is a worker's interpreter, and not the shell that started it."""
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return arguments[1:3] == [b"-m", b"apache_beam.runners.worker.sdk_worker_main"]


def until(condition, process):
    for _ in range(1200):
        if condition():
            return
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    pytest.fail("it did not begin to write")


def test_goes_on_only_with_what_was_begun(photos, tmp_path):
    begun = settings(photos, tmp_path / "out")
    with pytest.raises(UserError, match="no run to go on with"):
        run(begun, resume=True)
    run(begun)
    with pytest.raises(UserError, match="holds a run already"):
        run(begun)
    with pytest.raises(UserError, match="begun with faces whole, now it is auto"):
        run(settings(photos, tmp_path / "out", faces="auto"), resume=True)
    assert run(begun, resume=True)["shards"] == 0


def test_lists_tables_and_patterns_name_the_same_files(photos, tmp_path):
    names = [name for name in files_of(photos) if name.isprintable()]
    (tmp_path / "list.txt").write_text("\n".join(names) + "\n")
    with (tmp_path / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("label", "path"), *(("x", name) for name in names)])
    pq.write_table(pa.table({"path": names}), tmp_path / "table.parquet")
    for given in ("list.txt", "table.csv", "table.parquet"):
        assert list(list_files([str(tmp_path / given)])) == names
    assert list(list_files([f"{photos}/0*.jpg"])) == [n for n in names if Path(n).name[0] == "0"]
    assert list(list_files([str(photos)])) == files_of(photos)


@pytest.mark.parametrize(
    ("given", "words"),
    [("no/such.txt", "cannot be read as a list"), ("none/*.jpg", "no file fits this pattern")],
)
def test_inputs_that_name_nothing_are_said(given, words, tmp_path, capsys):
    assert main(["bulk", "--input", given, "--output", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
