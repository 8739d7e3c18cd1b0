import json
import shutil

import pytest

TINY = [
    "model.args.input_size=32",
    "model.args.dimensions=8",
    "preprocess.views=1",
    "train.epochs=2",
    "train.batch_size=8",
    "train.images_per_epoch=24",
    "one_class.pretrain_epochs=1",
    "data.valid_from_train=0",
]


def settings(*more):
    return [word for setting in (*TINY, *more) for word in ("--set", setting)]


@pytest.fixture(scope="module")
def compared(tool, faces, tmp_path_factory):
    """Folder of a comparison, and what it printed."""
    out = tmp_path_factory.mktemp("oneclass")
    arguments = ["--data", faces, "--out", out, "--rows", "deep_svdd,deep_sad,baselines"]
    done = tool("study", "one-class", *arguments, "--fractions", "0,0.5", "--quiet", *settings())
    assert done.returncode == 0, done.stderr
    return out, done.stdout


@pytest.mark.slow
def test_comparison_trains_each_detector_once_and_measures_all(compared):
    out, printed = compared
    rows = json.loads((out / "one_class.json").read_text())
    assert [(row["detector"], row["fakes"]) for row in rows[:3]] == [
        ("Deep SVDD, hard", 0.0),
        ("DeepSAD", 0.0),
        ("DeepSAD", 0.5),
    ]
    assert len(rows) == 7
    runs = {path.name for path in (out / "runs").iterdir()}
    assert runs == {"deep_sad-0", "deep_sad-0.5", "deep_svdd"}
    assert printed == (out / "one_class.md").read_text()
    assert (out / "auc_by_fraction.png").exists()


def test_bundle_says_what_it_saw_and_is_calibrated_by_validation_fakes(compared):
    info = json.loads((compared[0] / "runs" / "deep_sad-0.5" / "bundle/detector.json").read_text())
    assert info["one_class"]["fake_fraction"] == 0.5
    percentiles = info["one_class"]["percentiles_of_real_scores"]
    assert percentiles["80"] <= percentiles["95"] <= percentiles["99"]
    assert info["calibration"]["calibrated"]
    assert next(iter(info["data"]["counts"].values()))["train"] == {"real": 24, "fake": 12}


@pytest.mark.slow
def test_without_any_fakes_it_trains_and_admits_to_be_uncalibrated(tool, dfd, faces, tmp_path):
    reals = tmp_path / "reals"
    shutil.copytree(faces, reals)
    for split in ("train", "valid"):
        for path in (reals / split / "fake").iterdir():
            path.unlink()
    run = tmp_path / "run"
    arguments = ["--config", "deep_svdd_soft", "--data", reals, "--out", run, *settings()]
    done = tool("train", *arguments)
    assert done.returncode == 0, done.stderr
    assert "soft boundary ended with radius" in done.stdout
    info = json.loads((run / "bundle" / "detector.json").read_text())
    assert not info["calibration"]["calibrated"]
    assert [t["n_real"] for t in info["calibration"]["thresholds"]] == [12, 12, 12]
    assert "uncalibrated" in (run / "bundle" / "MODEL_CARD.md").read_text()

    judged = dfd("predict", reals / "test" / "real" / "00.jpg", "--model", run, "--faces", "whole")
    assert judged.returncode == 0, judged.stderr
    assert "uncalibrated" in judged.stderr


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--rows", "deep_swdd"], "deep_svdd"),
        (["--fractions", "0,2"], "shares from 0 to 1"),
        (["--leave-out", "elsewhere"], "none of --data"),
    ],
)
def test_mistakes_exit_with_2(dfd, faces, tmp_path, arguments, answer):
    done = dfd("study", "one-class", "--data", faces, "--out", tmp_path / "x", *arguments)
    assert done.returncode == 2
    assert answer in done.stderr


def test_baselines_of_a_supervised_detector(dfd, run, faces, tmp_path):
    done = dfd("study", "baselines", "--model", run, "--data", faces, "--out", tmp_path, "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| 100 % |") == 4


def test_a_budget_too_small_is_said_in_words(dfd, faces, tmp_path):
    done = dfd("study", "architectures", "--data", faces, "--images", "1", "--out", tmp_path)
    assert done.returncode == 2
    assert "a budget of 1 images is too small" in done.stderr
    assert not list(tmp_path.iterdir())
