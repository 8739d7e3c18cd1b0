"""The protocol on a tiny detector: fakes are smooth, so blur takes away what it sees."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors.detector import Detector
from dfd_tf.evaluation.metrics import auc_with_interval
from dfd_tf.evaluation.robustness.measure import limited, measure_robustness, summarise
from dfd_tf.evaluation.robustness.protocol import CLEAN, generator_for, protocol_for
from dfd_tf.evaluation.robustness.report import write_robustness

PROTOCOL = protocol_for("image")
STEPS = [step for step in PROTOCOL if step.name in (CLEAN, "blur-3", "noise-5")]


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> pd.DataFrame:
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    rows = []
    for i in range(24):
        label = i % 2
        coarse = rng.integers(0, 256, (8 if label else 48, 8 if label else 48, 3), dtype=np.uint8)
        path = root / f"{i}.png"
        Image.fromarray(coarse).resize((48, 48), Image.Resampling.BICUBIC).save(path)
        rows.append((str(path), path.name, label, path.name, "one"))
    return pd.DataFrame(rows, columns=["path", "file", "label", "group", "source"])


@pytest.fixture(scope="module")
def detector(describe) -> Detector:
    """Minus the mean step between neighbours: a graph without a weight."""
    keras = pytest.importorskip("keras")
    pixels = keras.Input((32, 32, 3))
    steps = keras.ops.abs(pixels[:, :, 1:] - pixels[:, :, :-1])
    logit = 10.0 - keras.ops.mean(steps, axis=(1, 2, 3), keepdims=False)[:, None] / 2
    fitted = fit_calibration(np.linspace(-4, 4, 40), np.arange(40) // 20)
    info = describe(
        weights_sha256="0" * 64, preprocessing={"size": 32, "native_side": 48}, calibration=fitted
    )
    return Detector(keras.Model(pixels, logit), info)


def test_blur_hurts_and_nothing_else_is_claimed(detector, examples, tmp_path):
    result = measure_robustness(detector, examples, tmp_path, protocol=STEPS, progress=False)
    steps = result["steps"]
    assert steps[CLEAN]["auc"]["value"] == 1
    assert steps[CLEAN]["fpr_at_threshold"]["value"] == 0
    # Everything smooth is called fake: the ranking may stand, the decision does not.
    assert steps["blur-3"]["fpr_at_threshold"]["value"] == 1
    assert steps["blur-3"]["accuracy"]["value"] == 0.5
    mean = np.mean([steps[name]["auc"]["value"] for name in ("blur-3", "noise-5")])
    assert result["summary"]["mean_auc"]["value"] == pytest.approx(mean)
    assert (result["n_real"], result["n_fake"], result["n_failed"]) == (12, 12, 0)


def test_finished_steps_are_not_computed_again(detector, examples, tmp_path):
    first = measure_robustness(detector, examples, tmp_path, protocol=STEPS, progress=False)
    without_model = Detector(None, detector.info)  # could score nothing
    again = measure_robustness(without_model, examples, tmp_path, protocol=STEPS, progress=False)
    assert again == first
    next(tmp_path.glob("noise-5-*.npy")).unlink()
    with pytest.raises(AttributeError):
        measure_robustness(without_model, examples, tmp_path, protocol=STEPS, progress=False)
    assert measure_robustness(detector, examples, tmp_path, protocol=STEPS, progress=False) == first
    other = Detector(None, detector.info.replace(weights_sha256="1" * 64))
    with pytest.raises(AttributeError):
        measure_robustness(other, examples, tmp_path, protocol=STEPS, progress=False)


def test_noise_belongs_to_the_image_and_the_step():
    noise = next(step for step in PROTOCOL if step.name == "noise-5")
    social = next(step for step in PROTOCOL if step.name == "social")
    grey = np.full((32, 32, 3), 128, np.uint8)
    one, same, other = (noise.apply(grey, generator_for(name, noise)) for name in "aab")
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert generator_for("a", noise).random() != generator_for("a", social).random()


@pytest.mark.parametrize("step", PROTOCOL, ids=lambda step: step.name)
def test_every_step_but_the_clean_one_changes_the_pixels_and_not_the_shape(step, make_pixels):
    image = make_pixels(0, 47, 63) if step.in_mean else make_pixels(0, 247, 263)  # odd sides
    changed = step.apply(image, generator_for("x", step))
    assert (changed.shape == image.shape) == (step.kind != "scale") and changed.dtype == np.uint8
    assert np.array_equal(changed, image) == (step.name == CLEAN)


def test_the_protocol_is_the_stated_one():
    strengths = {}
    for step in PROTOCOL:
        strengths.setdefault(step.kind, []).append(step.strength)
    assert (strengths["jpeg"][0], strengths["jpeg"][-1]) == (95, 30)
    assert strengths["webp"] == [80]
    assert (min(strengths["blur"]), max(strengths["blur"])) == (0.5, 3)
    assert strengths["resize"] == [0.75, 0.5, 0.25]
    assert (min(strengths["noise"]), max(strengths["noise"])) == (2, 10)
    assert strengths["scale"] == [128, 96, 64]
    assert {step.kind for step in PROTOCOL if not step.in_mean} - {"video"} == {"scale"}
    assert all(not step.in_mean for step in PROTOCOL if step.kind == "video")


def test_summary_by_hand():
    table = pd.DataFrame({"label": [0, 0, 1, 1] * 10, "source": "s"})
    table["group"] = table.index.astype(str)
    perfect = table["label"].to_numpy(np.float64)
    scores = {CLEAN: perfect, "a": perfect, "b": np.full(40, 0.5)}
    summary = summarise(table, scores)
    assert summary["mean_auc"]["value"] == 0.75
    assert summary["ratio_to_clean"] == {"value": 0.75, "low": 0.75, "high": 0.75}


def test_intervals_are_those_of_evaluate_scores():
    rng = np.random.default_rng(0)
    labels, scores = np.arange(60) % 2, rng.random(60)
    from dfd_tf.evaluation.metrics import evaluate_scores

    assert auc_with_interval(labels, scores) == evaluate_scores(labels, scores, 0.5)["auc"]


def test_limit_takes_both_classes_of_every_source_alike():
    table = pd.DataFrame({"label": [0] * 60 + [1] * 40, "source": ["a", "b"] * 50})
    few = limited(table, 20)
    assert len(few) == 20
    assert few.groupby(["source", "label"]).size().between(4, 6).all()
    assert limited(table, 20).index.equals(few.index)
    assert limited(table, None) is table


def test_writes_json_table_plots_and_page(detector, examples, tmp_path):
    result = measure_robustness(
        detector, examples, tmp_path / "steps", protocol=STEPS, progress=False
    )
    write_robustness(tmp_path / "out", result, {"model": "<b>tiny</b>", "split": "test"})
    assert json.loads((tmp_path / "out" / "robustness.json").read_text()) == result
    table = pd.read_csv(tmp_path / "out" / "robustness.csv")
    assert list(table["step"]) == [step.name for step in STEPS]
    assert len(list((tmp_path / "out" / "plots").glob("*.png"))) == 3
    page = Path(tmp_path / "out" / "report.html").read_text()
    assert "accuses more than twice as many after blur-3 (100" in page.replace("\n", " ")
    assert "&lt;b&gt;tiny" in page and "<script" not in page


def test_few_photos_stand_without_intervals(detector, examples, tmp_path):
    few = examples.head(12)
    result = measure_robustness(detector, few, tmp_path / "steps", protocol=STEPS, progress=False)
    assert result["summary"]["mean_auc"]["low"] is None
    write_robustness(tmp_path / "out", result, {})
    page = (tmp_path / "out" / "report.html").read_text()
    assert "stand without intervals" in page and "no better than guessing after" not in page
