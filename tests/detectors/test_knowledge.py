"""What lies outside what a detector has learned gets no verdict, on every engine."""

import keras
import numpy as np
import pandas as pd
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.calibration.novelty import OUTSIDE, Novelty, fit_novelty
from dfd_tf.detectors.bundle import add_lite_file, load_detector, save_bundle
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import Joint, Member
from dfd_tf.detectors.joining import ensemble_of
from dfd_tf.detectors.knowledge import Knowing
from dfd_tf.detectors.reading import NamedImage
from dfd_tf.detectors.scoring import score_sources
from dfd_tf.detectors.united import unite, weighing
from dfd_tf.errors import UserError
from dfd_tf.exporting.tflite import convert
from dfd_tf.models import build_model
from dfd_tf.training.knowledge import lay

RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 2
# Everything but what the network cannot judge is called real: what is left is how new it looks.
CALIBRATION = fit_calibration(np.array([-9.0, 9.0] * 50) + 100, np.arange(100) % 2)


@pytest.fixture(scope="module")
def known():
    vectors = RNG.normal(size=(60, 16)).astype("float32")
    return lay(vectors, LABELS)


def bundle(folder, describe, known, novelty):
    keras.utils.set_random_seed(0)
    network = build_model("meso4", input_size=48)
    info = describe(
        architecture="meso4",
        arguments={"input_size": 48},
        preprocessing={"size": 48, "views": 5},
        calibration=CALIBRATION.to_dict(),
        novelty=novelty,
    )
    return save_bundle(folder, network, info, known)


@pytest.fixture
def sources(make_pixels):
    return [NamedImage(str(seed), make_pixels(seed, 60, 80)) for seed in range(3)]


def distances(detector, sources):
    rows = score_sources(detector.model, detector.preprocessing, sources)
    return np.array([row[0].distances for row in rows])


def test_a_photo_beyond_the_limits_is_told_why_it_gets_no_verdict(
    tmp_path, describe, known, sources
):
    measured = distances(bundle(tmp_path / "a", describe, known, None), sources)
    limit = float(np.median(measured[:, 0]))
    made = bundle(tmp_path / "b", describe, known, Novelty(limit, 99.0, 0.985, 60))
    table = made.judge(sources, faces="whole")
    assert table.verdict.tolist() == [
        "inconclusive" if far else "real" for far in measured[:, 0] > limit
    ]
    assert set(table.reason) == {OUTSIDE, ""}
    assert (tmp_path / "b" / "knowledge.keras").stat().st_size < 100_000


def test_engines_and_files_measure_the_same(tmp_path, describe, known, sources):
    made = bundle(tmp_path, describe, known, Novelty(1.0, 1.0, 0.985, 60))
    expected = distances(made, sources)
    assert expected.shape == (3, 2) and (expected > 0).all()
    again = load_detector(tmp_path, engine="keras")
    np.testing.assert_array_equal(distances(again, sources), expected)
    add_lite_file(tmp_path, convert(again))
    light = load_detector(tmp_path, engine="lite")
    np.testing.assert_allclose(distances(light, sources), expected, rtol=1e-4)
    np.testing.assert_allclose(
        light.score([s.image for s in sources]), again.score([s.image for s in sources]), atol=1e-4
    )
    assert again.network.output.shape == (None, 1)


def test_knowledge_that_was_changed_is_refused(tmp_path, describe, known):
    bundle(tmp_path, describe, known, Novelty(1.0, 1.0, 0.985, 60))
    (tmp_path / "knowledge.keras").write_bytes(b"other")
    with pytest.raises(UserError, match=r"knowledge.keras is missing or is not the file"):
        load_detector(tmp_path, engine="keras")


def test_an_ensemble_is_as_far_off_as_its_strangest_member(describe, known, sources):
    limits = Novelty(2.0, 4.0, 0.985, 60), None, Novelty(0.5, 0.5, 0.985, 60)
    members = []
    for seed, novelty in enumerate(limits):
        keras.utils.set_random_seed(seed)
        network = build_model("meso4", input_size=48)
        info = describe(
            preprocessing={"size": 48}, calibration=CALIBRATION.to_dict(), novelty=novelty
        )
        members.append(Detector(Knowing(network, known) if novelty else network, info))
    named = [Member(detector=str(n), weights_sha256="", weight=1.0) for n in range(3)]
    info = members[0].info.replace(members=named, joint=Joint(offset=0.0))
    whole = Detector(ensemble_of(members, info), info)
    first, last = distances(members[0], sources), distances(members[2], sources)
    expected = np.maximum(first / [2, 4], last / 0.5)
    np.testing.assert_allclose(distances(whole, sources), expected, rtol=1e-6)
    weighed = weighing(3)
    weighed.get_layer("logit").set_weights([np.ones((3, 1)), np.zeros(1)])
    one = Detector(unite(members, whole.model, weighed), info)
    np.testing.assert_allclose(distances(one, sources), expected, rtol=1e-4)


def test_few_validation_photos_are_lost():
    measured, labels = RNG.gamma(2, size=(4000, 2)), np.arange(4000) % 2
    limits = fit_novelty(measured, labels)
    verdicts = np.where(labels == 1, "fake", "real")
    new = [limits.is_new(*row) for row in zip(verdicts, measured, strict=True)]
    assert 0 < np.mean(new) <= 0.03


def test_what_is_unlike_all_photos_shown_is_farther_than_they_are():
    vectors = RNG.normal(size=(300, 40)).astype("float32") @ RNG.normal(size=(40, 40))
    labels = pd.Series(np.arange(300) % 2).to_numpy()
    known = lay(vectors[:200].astype("float32"), labels[:200])
    usual = known.predict(vectors[200:].astype("float32"), verbose=0)
    strange = known.predict((vectors[200:] * 4).astype("float32"), verbose=0)
    assert np.median(strange, axis=0).min() > np.quantile(usual, 0.95)
