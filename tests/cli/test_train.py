import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import yaml

from dfd_tf.training.checkpoint import load_state

REPOSITORY_FILES = {
    "config.yaml",
    "dataset.csv",
    "environment.json",
    "history.csv",
    "metrics.json",
}


def test_run_folder_holds_everything_that_was_promised(run):
    files = {path.name for path in run.iterdir()}
    assert files >= REPOSITORY_FILES | {"bundle", "plots", "predictions.csv", "report.html"}
    assert "checkpoints" not in files
    assert {p.name for p in (run / "bundle").iterdir()} == {
        "model.keras",
        "knowledge.keras",
        "detector.json",
        "MODEL_CARD.md",
        "trained_on.bin",
    }
    assert yaml.safe_load((run / "config.yaml").read_text())["train"]["epochs"] == 3
    environment = json.loads((run / "environment.json").read_text())
    assert environment["seed"] == 0
    assert environment["damaged_files"] == 1
    assert len(pd.read_csv(run / "history.csv")) == 3


def test_damaged_file_is_named_and_skipped(run):
    said = (run.parent / "stdout.txt").read_text()
    assert "torn.jpg (truncated JPEG)" in said
    assert "on 48 files" in said


def test_metrics_are_complete_and_right(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["n"], metrics["n_real"], metrics["n_fake"], metrics["n_failed"]) == (
        24,
        12,
        12,
        0,
    )
    predictions = pd.read_csv(run / "predictions.csv")
    assert list(predictions) == ["path", "label", "score", "verdict", "reason"]
    called_fake = predictions.score >= metrics["threshold"]
    accuracy = (called_fake == predictions.label).mean()
    assert metrics["accuracy"]["value"] == pytest.approx(accuracy, abs=1e-6)
    assert metrics["auc"]["low"] <= metrics["auc"]["value"] <= metrics["auc"]["high"]


@pytest.mark.slow
def test_killed_and_resumed_it_ends_as_if_nothing_had_happened(
    tool, run, train_arguments, tmp_path
):
    out = tmp_path / "killed"
    command = [sys.executable, "tools/train.py", *train_arguments, "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    first = out / "checkpoints" / "epoch-00001.npz"
    while not first.exists():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert load_state(out / "checkpoints").epoch < 3
    assert not (out / "metrics.json").exists()

    resumed = tool("train", *train_arguments, "--out", out, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "Going on after epoch" in resumed.stdout
    for name in ("metrics.json", "predictions.csv", "history.csv"):
        assert (out / name).read_bytes() == (run / name).read_bytes()


def test_finished_run_is_neither_overwritten_nor_mixed(dfd, run, train_arguments):
    before = (run / "metrics.json").read_bytes()
    again = dfd("train", *train_arguments, "--out", run)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    other = dfd("train", *train_arguments, "--out", run, "--resume", "--set", "seed=5")
    assert other.returncode == 2
    assert "another configuration" in other.stderr
    finished = dfd("train", *train_arguments, "--out", run, "--resume")
    assert finished.returncode == 0
    assert "finished already" in finished.stdout
    assert (run / "metrics.json").read_bytes() == before


@pytest.mark.slow
def test_starts_from_a_trained_detector_or_says_why_not(tool, run, train_arguments, tmp_path):
    start = [*train_arguments, "--set", f"train.init={run}", "--set", "train.epochs=1"]
    onward = tool("train", *start, "--set", "train.learning_rate=1e-9", "--out", tmp_path / "on")
    assert onward.returncode == 0, onward.stderr
    first = pd.read_csv(run / "predictions.csv").score
    # Not one weight has moved, only the moving statistics of the normalisation.
    again = pd.read_csv(tmp_path / "on" / "predictions.csv").score
    assert np.corrcoef(first, again)[0, 1] > 0.9
    misfit = tool("train", *start, "--set", "model.args.cbam=true", "--out", tmp_path / "off")
    assert misfit.returncode == 2
    assert "do not fit" in misfit.stderr


def test_layers_of_both_libraries_train_where_all_is_deterministic(tool, train_arguments, tmp_path):
    pytest.importorskip("keras_cv", reason='needs pip install "dfd-tf[keras-cv]"')
    layers = [
        "{name: keras_cv.layers.GridMask, ratio_factor: [0.3, 0.6]}",
        "{name: keras.layers.RandomErasing, factor: 0.5}",
    ]
    settings = ["--set", f"augment.layers=[{', '.join(layers)}]", "--set", "train.epochs=1"]
    done = tool("train", *train_arguments, *settings, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())
    assert [layer["name"] for layer in written["augment"]["layers"]] == [
        "keras_cv.layers.GridMask",
        "keras.layers.RandomErasing",
    ]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--config", "configs/amtennet.yaml"], "no configuration"),
        (["--config", "amtenet", "--set", "train.epoch=1"], "did you mean 'train.epochs'"),
        (["--config", "amtenet", "--data", "nowhere"], "nowhere"),
        (["--config", "amtenet", "--set", "model.name=amtennet"], "Did you mean 'amtenet'"),
        (["--config", "amtenet", "--set", "train.init=nowhere"], "No detector at 'nowhere'"),
        (["--config", "amtenet", "--set", "model.args.head=avg"], "expected 'flatten' or 'gap'"),
        (["--config", "amtenet", "--set", "seed=99999999999"], "seed: expected less than"),
        (["--config", "amtenet", "--resume"], "no run to resume"),
    ],
)
def test_mistakes_exit_with_2_and_no_stack_trace(tool, faces, tmp_path, arguments, answer):
    data = [] if "--data" in arguments else ["--data", faces]
    done = tool("train", *arguments, *data, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert answer in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_best_weights_are_those_of_the_best_epoch(run):
    history = pd.read_csv(run / "history.csv")
    assert np.isfinite(history.to_numpy()).all()
    assert history.val_auc.between(0, 1).all()
    assert history.learning_rate.iloc[-1] < history.learning_rate.max()
