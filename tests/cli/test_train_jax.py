"""Training on JAX where TensorFlow cannot be imported, and its detector where it can."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from dfd_tf.detectors.bundle import load_detector

WITHOUT_TENSORFLOW = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "tensorflow" else find(name, *rest)
from dfd_tf.cli.main import main
sys.exit(main())
"""
TINY = {
    "model.args.input_size": 32,
    "preprocess.policy": "crop",
    "train.epochs": 2,
    "train.batch_size": 8,
    "data.valid_from_train": 0,
    "device.precision": "float32",
}


@pytest.fixture(scope="module")
def without_tensorflow():
    pytest.importorskip("jax")
    environment = os.environ | {
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
    }
    environment.pop("KERAS_BACKEND", None)

    def call(*arguments):
        command = [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    return call


@pytest.fixture(scope="module")
def jax_run(without_tensorflow, faces, tmp_path_factory):
    out = tmp_path_factory.mktemp("jax") / "run"
    settings = [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]
    done = without_tensorflow(
        "train", "--config", "meso4", "--data", faces, "--out", out, "--quiet", *settings
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_trains_without_tensorflow_and_scores_the_same_with_it(jax_run):
    assert len(pd.read_csv(jax_run / "history.csv")) == 2
    stored = pd.read_csv(jax_run / "predictions.csv")
    again = load_detector(jax_run).judge(list(stored.path))
    assert np.ptp(stored.score) > 0
    np.testing.assert_allclose(again.score, stored.score, atol=1e-4)
    assert list(again.verdict) == list(stored.verdict)


def test_what_needs_tensorflow_says_so(without_tensorflow, jax_run, tmp_path):
    done = without_tensorflow(
        "export", "--model", jax_run, "--format", "tflite", "--out", tmp_path / "out"
    )
    assert done.returncode == 2
    assert "needs tensorflow, which is not installed" in done.stderr
