import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.config import CalibrationConfig
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.examples import read_as_dealt
from dfd_tf.data.sets.seen_files import digests_of, write_seen
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.detectors.info import DetectorInfo, read_info, write_info
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.reporter import SILENT
from dfd_tf.training.recalibrate import recalibrate


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A detector without training, of which a LiteRT file is said to exist."""
    keras.utils.set_random_seed(0)
    info = {
        "name": "meso4",
        "architecture": "meso4",
        "arguments": {"input_size": 48},
        "preprocessing": Preprocessing(size=48).to_dict(),
        "calibration": fit_calibration(np.arange(-20.0, 20), np.arange(40) >= 20).to_dict(),
        "data": {
            "seed": 0,
            "fingerprint": "f" * 64,
            "fold": None,
            "valid_from_train": 0,
            "counts": {},
        },
        "licence": {},
        "tflite_sha256": "0" * 64,
    }
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(folder, build_model("meso4", input_size=48), DetectorInfo(**info))
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(120):
        folder = root / ("real", "fake")[number % 2]
        folder.mkdir(exist_ok=True)
        noise = rng.integers(0, 256 - 90 * (number % 2), (48, 48, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
    return root


def test_scores_are_fitted_anew_and_weights_stay(bundle, photos, tmp_path):
    out = tmp_path / "run"
    metrics = recalibrate(bundle, [str(photos)], out, CalibrationConfig(), SILENT)
    assert metrics["n"] > 0
    before, after = load_detector(bundle, engine="keras"), load_detector(out)
    assert (out / "bundle" / "model.keras").read_bytes() == (bundle / "model.keras").read_bytes()
    assert after.calibration != before.calibration
    assert sum(after.info.calibrated_on.values()) == after.info.after_jpeg.n
    assert after.info.tflite_sha256 is None
    assert (out / "bundle" / "MODEL_CARD.md").exists()
    assert (out / "report.html").exists()


def test_thresholds_alone_are_set_anew_where_scores_are_to_stay(bundle, photos, tmp_path):
    out = tmp_path / "run"
    recalibrate(bundle, [str(photos)], out, CalibrationConfig(), SILENT, keep_scores=True)
    before, after = (
        load_detector(bundle, engine="keras").calibration,
        load_detector(out).calibration,
    )
    assert (after.temperature, after.mapping) == (before.temperature, before.mapping)
    assert after.thresholds != before.thresholds
    card = (out / "bundle" / "MODEL_CARD.md").read_text()
    assert f"| {photos.name} | {after.at(0.05).by_source[photos.name].n} |" in card


def test_what_it_knows_is_laid_down_from_photos_that_it_was_trained_on(bundle, photos, tmp_path):
    known = tmp_path / "known"
    shutil.copytree(bundle, known)
    dealt = load_detector(bundle, engine="keras").info.data
    examples = read_as_dealt([str(photos)], dealt).table
    write_seen(known, digests_of(list(examples.path[examples.split == "train"])))
    recalibrate(known, [str(photos)], tmp_path / "run", CalibrationConfig(), SILENT)
    after = load_detector(tmp_path / "run")
    assert after.info.knowledge.reals == after.info.knowledge.fakes > 0
    assert after.info.novelty.n_valid == after.info.after_jpeg.n
    again = tmp_path / "again"
    other = tmp_path / "other"
    for path in photos.rglob("*.png"):  # the same pixels in other files
        copy = other / path.relative_to(photos).with_suffix(".webp")
        copy.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).save(copy, lossless=True)
    recalibrate(tmp_path / "run", [str(other)], again, CalibrationConfig(), SILENT)
    assert load_detector(again).info.knowledge == after.info.knowledge


def test_the_sets_own_validation_split_can_be_what_calibrates(bundle, photos, tmp_path):
    for number, photo in enumerate(sorted(photos.rglob("*.png"))):
        split = ("train", "valid", "test")[number % 3]
        place = tmp_path / "set" / split / photo.parent.name / photo.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, place)
    held = tmp_path / "held"  # a detector that keeps part of each train split for validation
    shutil.copytree(bundle, held)
    info = read_info(held)
    write_info(held, info.replace(data=info.data.model_dump() | {"valid_from_train": 0.2}))
    out, data = tmp_path / "run", [str(tmp_path / "set")]
    recalibrate(held, data, out, CalibrationConfig(), SILENT, split="valid_own")
    assert sum(read_info(out / "bundle").calibrated_on.values()) == 40
    assert not (out / "valid_own").exists()  # no longer a test


def test_one_class_alone_is_refused(bundle, photos, tmp_path):
    for split, labels in (("train", ("real", "fake")), ("valid", ("real",)), ("test", ("real",))):
        for label in labels:
            shutil.copytree(photos / label, tmp_path / "set" / split / label)
    with pytest.raises(UserError, match="real and fake"):
        recalibrate(bundle, [str(tmp_path / "set")], tmp_path / "run", CalibrationConfig(), SILENT)
