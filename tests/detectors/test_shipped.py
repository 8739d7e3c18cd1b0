"""The detectors that come with the package."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfd_tf import DEFAULT_MODEL
from dfd_tf.audio.hearing import Hearing
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.locate import list_models, shipped_models
from dfd_tf.detectors.scoring import score_squares
from dfd_tf.errors import UserError

# The smallest set; the slowest detector judges ten photos a second.
SOURCE = "140k"
LIMIT = 40_000_000


@pytest.fixture(scope="module", params=list_models())
def detector(request):
    try:
        return load_detector(request.param)
    except UserError as error:
        if "dfd fetch" in str(error):
            pytest.skip(str(error))
        raise


def test_the_default_detector_is_there():
    assert DEFAULT_MODEL in list_models()


def test_all_together_stay_small():
    assert sum(p.stat().st_size for p in shipped_models().rglob("*") if p.is_file()) <= LIMIT


def test_loads_judges_and_explains_itself(detector, make_pixels):
    seen = detector.info.preprocessing
    if isinstance(seen, Hearing):
        scores = score_squares(detector.model, np.zeros((1, *seen.input_shape), np.float32))
    else:
        scores = detector.score([make_pixels(0, 256, 256), make_pixels(1, 100, 300)])
    assert np.isfinite(scores).all()
    card = (shipped_models() / detector.info.name / "MODEL_CARD.md").read_text()
    assert "## Where it fails" in card
    assert detector.info.data.fingerprint[:16] in card


@pytest.mark.slow
def test_reproduces_the_metrics_of_its_card_on_the_real_photos(detector, data_root):
    if SOURCE not in detector.info.metrics["test"]["per_source"]:
        pytest.skip("was measured on other pictures")
    info = detector.info.data
    examples = load_examples(
        [data_root / SOURCE], seed=info.seed, valid_from_train=info.valid_from_train
    )
    test = examples[examples.split == "test"]
    stored = detector.info.metrics["test"]["per_source"][SOURCE]
    assert len(test) == stored["n"]
    auc = roc_auc_score(test.label, detector.judge(list(test.path), faces="whole").score)
    # Other processors round otherwise, and a pair of photos may then change places.
    assert auc == pytest.approx(stored["auc"]["value"], abs=0.005)


@pytest.mark.parametrize("name", list_models())
def test_its_light_file_was_made_from_its_weights(name):
    path = shipped_models() / name / "model.tflite"
    if not path.is_file():
        pytest.skip("ships without a LiteRT file")
    from dfd_tf.exporting.metadata import read_metadata

    detector = load_detector(name, engine="lite")
    assert read_metadata(path)["detector"]["weights_sha256"] == detector.info.weights_sha256
