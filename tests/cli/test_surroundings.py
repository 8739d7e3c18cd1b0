"""What surrounds a run: places to write to, settings of other projects, terminals, faults."""

import io
import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from PIL import Image

from dfd_tf.cli import main
from dfd_tf.cli.growing_file import left_to_do, unfinished
from dfd_tf.data import user_cache
from dfd_tf.errors import UserError


@pytest.fixture(scope="module")
def photos(faces):
    return sorted((faces / "test" / "real").iterdir())


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(dfd, tmp_path, verb):
    (tmp_path / "file").write_text("old")
    arguments = {"predict": ["photo.jpg"], "evaluate": ["--data", tmp_path]}[verb]
    done = dfd(verb, *arguments, "--model", "no such", "--out", tmp_path / "file" / "results")
    assert done.returncode == 2
    assert "Name another" in done.stderr
    assert (tmp_path / "file").read_text() == "old"


def test_an_older_result_is_kept_until_the_new_one_is_whole(dfd, run, photos, tmp_path):
    out = tmp_path / "new" / "verdicts.csv"
    assert dfd("predict", *photos[:2], "--model", run, "--out", out).returncode == 0
    older = out.read_bytes()
    done = dfd("predict", *photos[:2], "--model", "nothing", "--out", out)
    assert done.returncode == 2
    assert out.read_bytes() == older


def test_the_ending_says_the_format(dfd, run, photos, tmp_path):
    for ending in ("csv", "json", "jsonl"):
        dfd("predict", *photos[:3], "--model", run, "--out", tmp_path / f"v.{ending}")
    table = pd.read_csv(tmp_path / "v.csv")
    lines = pd.read_json(tmp_path / "v.jsonl", lines=True)
    rows = pd.DataFrame(json.loads((tmp_path / "v.json").read_text()))
    assert list(table.path) == list(lines.path) == list(rows.path) == list(map(str, photos[:3]))
    assert list(table.score) == list(lines.score) == list(rows.score)


def test_a_photo_is_never_written_over(dfd, run, tmp_path, write_jpeg):
    photo = write_jpeg(tmp_path / "photo.jpg")
    content = photo.read_bytes()
    done = dfd("predict", photo, "--model", run, "--out", photo)
    assert (done.returncode, photo.read_bytes()) == (2, content)
    assert "one of the files to judge" in done.stderr


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("cut", [1, 40, 137])
def test_a_killed_run_goes_on_without_a_row_lost_or_doubled(dfd, run, photos, tmp_path, form, cut):
    out = tmp_path / f"v.{form}"
    arguments = ("predict", *photos, "--model", run, "--out", out)
    dfd(*arguments)
    whole = out.read_bytes()
    out.unlink()
    unfinished(out).write_bytes(whole[: len(whole) // 2 + cut])
    assert dfd(*arguments, "--resume").returncode == 0
    assert out.read_bytes() == whole
    assert not unfinished(out).exists()


def test_what_was_judged_is_not_judged_again(run, photos, tmp_path, dfd):
    out = tmp_path / "v.csv"
    dfd("predict", *photos[:4], "--model", run, "--out", out)
    out.rename(unfinished(out))
    left = list(left_to_do(out, "csv", map(str, photos)))
    assert left == list(map(str, photos[3:]))  # the last one's rows may not have been all


def test_other_files_are_not_mixed_in(run, photos, tmp_path, dfd):
    out = tmp_path / "v.csv"
    dfd("predict", *photos[:4], "--model", run, "--out", out)
    out.rename(unfinished(out))
    with pytest.raises(UserError, match="other files than those given"):
        left_to_do(out, "csv", map(str, photos[1:]))


def test_lists_that_windows_wrote(dfd, run, photos):
    text = "\ufeff" + "\r\n".join(map(str, photos[:2])) + "\r\n"
    done = dfd("predict", "-", "--model", run, "--format", "csv", stdin=text)
    assert done.returncode == 0
    assert list(pd.read_csv(io.StringIO(done.stdout)).path) == list(map(str, photos[:2]))


def test_a_path_too_long_costs_its_row(dfd, run, photos):
    done = dfd("predict", "x" * 5000, photos[0], "--model", run, "--format", "csv")
    rows = pd.read_csv(io.StringIO(done.stdout))
    assert done.returncode == 1
    assert rows.verdict[0] == "error"
    assert rows.score.notna()[1]


def test_a_fault_is_told_in_words_and_exits_with_2(monkeypatch, capsys):
    def fail(name):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("dfd_tf.detectors.locate.find_bundle", fail)
    assert main(["predict", "photo.jpg"]) == 2
    said = capsys.readouterr().err
    assert "ZeroDivisionError: by nothing" in said
    assert "Traceback" not in said
    with pytest.raises(ZeroDivisionError):
        main(["predict", "photo.jpg", "--debug"])


def test_a_cache_is_made_elsewhere_where_there_is_no_home(monkeypatch, tmp_path):
    monkeypatch.delenv("DFD_CACHE", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert user_cache.is_writable(user_cache.user_cache())
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache.user_cache() == tmp_path / ".cache" / "dfd_tf"


@pytest.mark.slow
def test_settings_of_other_projects_change_no_score(run, photos, tmp_path):
    (tmp_path / ".keras").mkdir()
    settings = {"floatx": "float16", "image_data_format": "channels_first", "backend": "torch"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(settings | {"epsilon": 1e-3}))
    command = [sys.executable, "-m", "dfd_tf", "predict", *map(str, photos[:3]), "--format", "csv"]
    command += ["--model", str(run), "--engine", "keras", "--quiet"]
    surroundings = {"HOME": str(tmp_path), "MPLBACKEND": "module://nothing", "LC_ALL": "C"}
    inherited = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    plain = subprocess.run(command, capture_output=True, text=True, env=inherited)
    other = subprocess.run(command, capture_output=True, text=True, env=inherited | surroundings)
    assert plain.returncode == 0, plain.stderr
    assert (other.returncode, other.stdout) == (0, plain.stdout), other.stderr


def test_a_terminal_that_is_not_utf8_gets_escapes(run, tmp_path, photos):
    photo = tmp_path / "b\u00e4rbel.png"
    Image.open(photos[0]).save(photo)
    command = [sys.executable, "-m", "dfd_tf", "predict", str(photo), "--model", str(run)]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=ascii_only)
    assert done.returncode == 0, done.stderr
    assert b"b\\xe4rbel.png" in done.stdout
