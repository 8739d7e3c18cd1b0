"""What predict, evaluate, compare, robustness and explain say of a photo is one number."""

import json

import cv2
import matplotlib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf import calibration
from dfd_tf.data.images.decode import read_image
from dfd_tf.detectors.info import read_info

PORTRAIT = matplotlib.get_data_path() + "/sample_data/grace_hopper.jpg"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Photos with a face somewhere in them, and one without."""
    root = tmp_path_factory.mktemp("set")
    portrait = read_image(PORTRAIT)
    pictures = [portrait, portrait[:, ::-1], cv2.GaussianBlur(portrait, (0, 0), 2), portrait[30:]]
    for number, picture in enumerate(pictures):
        folder = root / ("real", "fake")[number % 2]
        folder.mkdir(exist_ok=True)
        Image.fromarray(np.ascontiguousarray(picture)).save(folder / f"{number}.png")
    Image.fromarray(portrait[380:, :200]).save(root / "real" / "none.png")
    return root


@pytest.fixture(scope="module")
def said(dfd, framed, photos, tmp_path_factory):
    """Scores of predict by path."""
    out = tmp_path_factory.mktemp("said") / "verdicts.csv"
    done = dfd("predict", photos, "--model", framed, "--engine", "keras", "--out", out)
    assert done.returncode == 1, done.stderr
    table = pd.read_csv(out)
    assert table.left.notna().sum() == 4
    return table.set_index("path").score


def test_evaluate(dfd, framed, photos, said, tmp_path):
    arguments = ("--model", framed, "--data", photos, "--split", "all", "--out", tmp_path)
    assert dfd("evaluate", *arguments).returncode == 1  # a photo has no face
    found = pd.read_csv(tmp_path / "predictions.csv").set_index("path").score
    pd.testing.assert_series_equal(found.sort_index(), said.sort_index())
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert (metrics["faces"], metrics["n_failed"]) == ("auto", 1)
    dfd("evaluate", *arguments, "--faces", "whole")
    whole = pd.read_csv(tmp_path / "predictions.csv").set_index("path").score
    assert not np.isclose(whole[said.dropna().index], said.dropna(), atol=1e-6).all()


def test_robustness(dfd, framed, photos, said, tmp_path):
    arguments = ("--model", framed, "--data", photos, "--split", "all", "--out", tmp_path)
    done = dfd("robustness", *arguments)
    assert json.loads((tmp_path / "robustness.json").read_text())["faces"] == "auto", done.stderr
    logits = np.load(next((tmp_path / "steps").glob("clean-*.npy")))[:, 0]  # beside distances
    scores = calibration.scores(logits, read_info(framed).calibration)
    np.testing.assert_allclose(np.sort(scores), np.sort(said), atol=1e-6)


def test_compare(dfd, framed, photos, said, tmp_path):
    arguments = ("--data", photos, "--split", "all", "--out", tmp_path)
    dfd("compare", framed, framed, *arguments)
    table = pd.read_csv(tmp_path / "comparison.csv")
    scores = table["first"]
    np.testing.assert_allclose(np.sort(scores), np.sort(said), atol=1e-6)


def test_explain(dfd, framed, photos, said, tmp_path):
    done = dfd("explain", photos, "--model", framed, "--out", tmp_path)
    assert done.returncode == 1, done.stderr
    table = pd.read_csv(tmp_path / "explain.csv").set_index("path")
    pd.testing.assert_series_equal(table.score.sort_index(), said.sort_index())
    face = Image.open(tmp_path / table.heat.dropna().iloc[0])
    assert max(face.size) < 300  # the face's window, not the photo of 512 x 600
