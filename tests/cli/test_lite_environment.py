"""The extra `lite` as a user gets it: a fresh environment, nothing but the package index."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dfd_tf.detectors.bundle import load_detector

REPOSITORY = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("DFD_DATA", REPOSITORY.parent / "shared" / "data"))
NO_NETWORK = re.compile(r"NewConnectionError|ConnectTimeout|name resolution|Network is unreachable")
# Forbidden here, whatever they would cost.
ABSENT = ("tensorflow", "keras", "torch", "jax")
# Targets are 1 s and 150 MB on a quiet machine; a second of CPU for what a busy one adds.
CPU_SECONDS, MEGABYTES = 2.0, 150
# The kernel hands a parent's peak memory down to its children, and pytest's is large.
MEASURE = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
megabytes = used.ru_maxrss / (1 << 10 if sys.platform == "linux" else 1 << 20)
print(json.dumps({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "megabytes": megabytes,
                  "code": done.returncode, "said": done.stdout.decode()}))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Programs of a virtual environment with `.[lite]` under the project's constraints."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    programs = folder / "bin"
    command = [programs / "python", "-m", "pip", "install", "--quiet", "--retries", "1"]
    command += ["--constraint", REPOSITORY / "constraints.txt", f"{REPOSITORY}[lite]"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("needs the package index, which cannot be reached")
    assert done.returncode == 0, done.stderr
    return programs


def without_checkout():
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def measure(programs, folder, *arguments):
    command = [programs / "python", "-c", MEASURE, programs / "dfd", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=folder, env=without_checkout()
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Pictures of several shapes, a damaged one, and a few real photos where there are any."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for i, (width, height) in enumerate([(256, 256), (600, 400), (90, 120)]):
        coarse = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
        coarse.resize((width, height), Image.Resampling.BICUBIC).save(folder / f"{i}.jpg")
    (folder / "torn.jpg").write_bytes((folder / "0.jpg").read_bytes()[:900])
    found = sorted(REAL.rglob("*.jpg"))[:: max(1, len(list(REAL.rglob("*.jpg"))) // 12)]
    for i, path in enumerate(found[:12]):
        (folder / f"real{i}.jpg").write_bytes(path.read_bytes())
    return folder


def test_nothing_heavy_is_installed(environment):
    code = f"import importlib.util as u; print([n for n in {ABSENT!r} if u.find_spec(n)])"
    done = subprocess.run(
        [environment / "python", "-c", code], capture_output=True, text=True, env=without_checkout()
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("faces", ["auto", "whole"])
def test_same_rows_and_numbers_as_keras(environment, photos, tmp_path, faces):
    arguments = ("predict", photos, "--faces", faces, "--format", "csv")
    said = measure(environment, tmp_path, *arguments)
    assert said["code"] == 1  # the torn one
    rows = list(csv.DictReader(io.StringIO(said["said"])))
    paths = sorted(photos.iterdir())
    found = load_detector(engine="keras").judgements([str(path) for path in paths], faces=faces)
    expected = [row for rows in found for row in rows]
    assert len(rows) == len(expected) >= len(paths)
    for row, judged in zip(rows, expected, strict=True):
        assert (row["path"], row["verdict"]) == (judged.path, judged.verdict)
        box = tuple(int(row[side]) for side in ("left", "top", "width", "height") if row[side])
        assert box == tuple(judged.box or ())
        score = float(row["score"] or "nan")
        assert score == pytest.approx(judged.score, abs=1e-4, nan_ok=True)
        if judged.verdict in ("error", "no face"):
            assert row["reason"] == judged.reason


def test_python_takes_the_engine_that_is_there(environment, photos, tmp_path):
    code = (
        "import sys; from dfd_tf.detectors.bundle import load_detector\n"
        "print(next(load_detector().judgements([sys.argv[1]]))[0].verdict)"
    )
    done = subprocess.run(
        [environment / "python", "-c", code, photos / "0.jpg"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=without_checkout(),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("real", "fake", "inconclusive", "no face")


def test_from_prompt_to_verdict(environment, photos, tmp_path, record_property):
    runs = [measure(environment, tmp_path, "predict", photos / "0.jpg") for _ in range(3)]
    figures = {key: min(run[key] for run in runs) for key in ("wall", "cpu", "megabytes")}
    for key, value in figures.items():
        record_property(key, round(value, 2))
    print(
        f"a photo judged in {figures['wall']:.2f} s ({figures['cpu']:.2f} s of CPU), "
        f"{figures['megabytes']:.0f} MB"
    )
    assert figures["cpu"] < CPU_SECONDS
    assert figures["megabytes"] < MEGABYTES
