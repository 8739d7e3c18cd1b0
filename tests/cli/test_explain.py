import cv2
import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.explaining.heat import Explainer
from dfd_tf.models import build_model


@pytest.fixture(scope="module")
def bundle(tmp_path_factory, describe):
    """An untrained detector that sees the middle 64 pixels of an image."""
    keras.utils.set_random_seed(0)
    arguments = {"input_size": 64, "predictor": "neighbours"}
    labels = np.arange(200) % 2
    logits = labels + np.random.default_rng(0).normal(size=200)
    info = {
        "arguments": arguments,
        "preprocessing": {"size": 64, "policy": "crop", "views": 1, "native_side": 100},
        "calibration": fit_calibration(logits, labels).to_dict(),
    }
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(folder, build_model("amtenet", **arguments), describe(**info))
    return folder


@pytest.fixture(scope="module")
def explained(dfd, bundle, tmp_path_factory):
    """Three files, one of them damaged, of which the detector sees 64 x 64 pixels."""
    folder = tmp_path_factory.mktemp("photos")
    out = tmp_path_factory.mktemp("maps") / "new"
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "a, b $x$.png")
    Image.fromarray(noise[:70, :70]).resize((100, 100)).save(folder / "c.png")
    (folder / "b.jpg").write_bytes(b"this is no image")
    done = dfd("explain", folder, "--model", bundle, "--out", out, "--quiet")
    return done, out, folder


def test_damaged_files_keep_their_row_and_the_exit_code_tells(explained, bundle):
    done, out, _ = explained
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    rows = pd.read_csv(out / "explain.csv")
    assert [path.rsplit("/", 1)[1] for path in rows.path] == ["a, b $x$.png", "b.jpg", "c.png"]
    damaged = rows.iloc[1]
    assert damaged.verdict == "error"
    assert len(damaged.reason) > 5
    assert pd.isna(damaged.picture)
    judged = load_detector(bundle).judge(list(rows.path))
    np.testing.assert_allclose(rows.score, judged.score, atol=1e-6)


def test_pictures_maps_and_sheet_are_there(explained):
    _, out, _ = explained
    rows = pd.read_csv(out / "explain.csv").dropna(subset="picture")
    for row in rows.itertuples():
        assert Image.open(out / row.picture).size[0] > 1000
    assert (out / "sheet_01.png").stat().st_size > 10_000
    figures = rows[["rank_correlation", "deletion", "deletion_random", "insertion"]]
    assert np.isfinite(figures.to_numpy()).all()
    assert (rows.layer == "conv7").all()


def test_heat_lies_where_the_detector_looked(explained):
    _, out, _ = explained
    rows = pd.read_csv(out / "explain.csv")
    heat = cv2.imread(str(out / rows.heat[0]), cv2.IMREAD_UNCHANGED)
    assert heat.dtype == np.uint16
    assert heat.shape == (90, 120)
    inside = np.zeros(heat.shape, bool)
    inside[13:77, 28:92] = True
    assert not heat[~inside].any()
    if "empty" not in str(rows.warning[0]):
        assert heat.max() == 65535


def test_overlay_for_reports_has_the_shape_of_the_image(bundle, make_pixels):
    image = make_pixels(0, 90, 120)
    picture = Explainer(load_detector(bundle, engine="keras"), "layercam").overlay(image, 0.9)
    assert picture.shape == image.shape
    assert picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["photo.jpg", "--out", "x", "--method", "gradcan"], "gradcam"),
        (["photo.jpg", "--out", "x", "--model", "nothing"], "No detector at 'nothing'"),
        (["photo.jpg"], "--out"),
    ],
)
def test_wrong_usage_exits_with_2(dfd, arguments, answer):
    done = dfd("explain", *arguments)
    assert done.returncode == 2
    assert answer in done.stderr
