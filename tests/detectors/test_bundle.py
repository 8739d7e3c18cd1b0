import json

import keras
import numpy as np
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors import bundle, locate
from dfd_tf.errors import UserError
from dfd_tf.models import build_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory, describe):
    folder = tmp_path_factory.mktemp("bundle")
    keras.utils.set_random_seed(0)
    arguments = {"input_size": 64}
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    info = {
        "arguments": arguments,
        "preprocessing": {"size": 64, "policy": "crop", "views": 5, "native_side": 100},
        "calibration": fit_calibration(labels + rng.normal(size=200), labels).to_dict(),
    }
    detector = bundle.save_bundle(folder, build_model("amtenet", **arguments), describe(**info))
    return folder, detector


def test_loaded_it_scores_the_same(saved, make_pixels):
    folder, detector = saved
    images = [make_pixels(i, 80 + i, 100) for i in range(3)]
    np.testing.assert_array_equal(
        bundle.load_detector(folder).score(images), detector.score(images)
    )


def test_score_is_the_calibrated_mean_over_the_views(saved, make_pixels):
    _, detector = saved
    image = make_pixels(0, 90, 90)
    views = detector.preprocessing.views_of(image).astype("float32")
    logit = np.array(detector.model(views)).mean()
    expected = 1 / (1 + np.exp(-logit / detector.calibration.temperature))
    assert detector.score([image])[0] == pytest.approx(expected, abs=1e-5)


def test_score_does_not_depend_on_company(saved, make_pixels):
    _, detector = saved
    images = [make_pixels(i, 90, 90) for i in range(20)]
    together = detector.score(images)
    alone = [detector.score([image])[0] for image in images]
    # Not bit for bit on every processor: some add up the last rows of a batch in another order.
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-7)


def test_tampered_weights_are_refused(saved, tmp_path):
    folder, _ = saved
    for name in ("model.keras", "detector.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with (tmp_path / "model.keras").open("ab") as file:
        file.write(b"x")
    with pytest.raises(UserError, match="is not the file that"):
        bundle.load_detector(tmp_path)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("{", "damaged"), ("[]", "damaged"), ("{}", "damaged"), ('{"format": 99}', "format 99")],
)
def test_foreign_detector_json_is_refused(tmp_path, text, answer):
    (tmp_path / "detector.json").write_text(text)
    with pytest.raises(UserError, match=answer):
        bundle.load_detector(tmp_path)


def test_found_by_bundle_by_run_and_by_name(saved, tmp_path, monkeypatch):
    folder, _ = saved
    (tmp_path / "bundle").symlink_to(folder)
    assert locate.find_bundle(tmp_path) == tmp_path / "bundle"
    monkeypatch.setattr(locate, "shipped_models", lambda: folder.parent)
    assert locate.find_bundle(folder.name) == folder
    with pytest.raises(UserError, match=folder.name):
        locate.find_bundle("nothing")


def test_names_and_classes_are_stored(saved):
    info = json.loads((saved[0] / "detector.json").read_text())
    assert info["class_names"] == ["real", "fake"]
    assert len(info["weights_sha256"]) == 64
