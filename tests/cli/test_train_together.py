"""Processes that train together learn what one would have learned; two on this machine here."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

TINY = {
    "model.args.input_size": 32,
    "preprocess.policy": "crop",
    "train.epochs": 2,
    "train.batch_size": 8,
    "data.valid_from_train": 0,
    "device.precision": "float32",
}


def command(faces, out, *rest):
    settings = [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]
    call = [sys.executable, "-m", "dfd_tf", "train", "--config", "meso4", "--data", faces]
    return [*map(str, [*call, "--out", out, "--quiet", *settings, *rest])]


@pytest.fixture(scope="module")
def surroundings():
    pytest.importorskip("jax")
    return os.environ | {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
    }


@pytest.fixture(scope="module")
def alone(faces, surroundings, tmp_path_factory):
    out = tmp_path_factory.mktemp("alone") / "run"
    subprocess.run(command(faces, out), check=True, env=surroundings)
    return out


@pytest.mark.slow
def test_two_learn_what_one_learns_though_one_is_killed(alone, faces, surroundings, tmp_path):
    out = tmp_path / "run"
    together = command(faces, out, "--processes", "2")
    process = subprocess.Popen(together, env=surroundings, stderr=subprocess.PIPE, text=True)
    until(lambda: (out / "history.csv").exists(), process)
    helper = children_of(process.pid)[-1]
    os.kill(helper, signal.SIGKILL)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 2
    assert "Go on after the last whole epoch by --resume" in said
    subprocess.run([*together, "--resume"], check=True, env=surroundings)
    one, two = (pd.read_csv(run / "history.csv") for run in (alone, out))
    np.testing.assert_allclose(two.loss, one.loss, rtol=1e-6)
    np.testing.assert_allclose(two.val_loss, one.val_loss, rtol=1e-5)


def until(condition, process):
    for _ in range(6000):
        if condition():
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    pytest.fail("no epoch was finished")


def children_of(pid):
    """Of a process, those that train: the spawned ones, without the tracker of resources."""
    found = []
    for number in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            with open(f"/proc/{number}/stat") as stat, open(f"/proc/{number}/cmdline") as line:
                parent, words = int(stat.read().rpartition(")")[2].split()[1]), line.read()
        except OSError:
            continue
        if parent == pid and "spawn_main" in words:
            found.append(number)
    return sorted(found)
