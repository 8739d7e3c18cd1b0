import json

import keras
import numpy as np
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.ensemble import preprocessing_of, unite
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.detectors.scoring import score_images
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.training.ensemble import _dealt_alike, weigh

RNG = np.random.default_rng(0)
CALIBRATION = fit_calibration(np.arange(-20.0, 20), np.arange(40) >= 20)


def member(folder, size, seed, **preprocessing):
    keras.utils.set_random_seed(seed)
    info = {
        "name": f"meso{size}",
        "architecture": "meso4",
        "arguments": {"input_size": size},
        "preprocessing": Preprocessing(size=size, **preprocessing).to_dict(),
        "calibration": CALIBRATION.to_dict(),
        "data": {"seed": 0, "fingerprint": "f", "fold": None, "valid_from_train": 0.1},
    }
    return save_bundle(folder, build_model("meso4", input_size=size), DetectorInfo(**info))


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    root = tmp_path_factory.mktemp("members")
    return root, [member(root / "large", 64, 1), member(root / "small", 48, 2)]


def ensemble(folder, root, members):
    model = unite(members)
    model.get_layer("logit").set_weights([np.array([[2.0], [0.5]]), np.array([0.25])])
    named = [
        {"detector": str(root / name), "weights_sha256": m.info.weights_sha256, "weight": w}
        for name, m, w in zip(("large", "small"), members, (2.0, 0.5), strict=True)
    ]
    info = members[0].info.replace(name="ensemble", architecture="ensemble", members=named)
    return save_bundle(folder, model, info)


def test_it_says_the_weighed_sum_of_what_its_members_say(members, tmp_path):
    root, (large, small) = members
    images = [RNG.integers(0, 256, shape, dtype=np.uint8) for shape in ((80, 90, 3), (64, 64, 3))]
    each = [score_images(m.model, m.preprocessing, images) for m in (large, small)]
    ensemble(tmp_path / "ensemble", root, [large, small])
    whole = load_detector(tmp_path / "ensemble")
    logits = score_images(whole.model, whole.preprocessing, images)
    np.testing.assert_allclose(logits, 2 * each[0] + 0.5 * each[1] + 0.25, rtol=1e-4)
    assert (tmp_path / "ensemble" / "model.keras").stat().st_size < 20_000


def test_a_member_that_was_trained_on_is_noticed(members, tmp_path):
    root, both = members
    made: Detector = ensemble(tmp_path / "ensemble", root, both)
    assert made.info.members[0].weight == 2
    described = json.loads((tmp_path / "ensemble" / "detector.json").read_text())
    described["members"][1]["weights_sha256"] = "0" * 64
    (tmp_path / "ensemble" / "detector.json").write_text(json.dumps(described))
    with pytest.raises(UserError, match="weights have changed"):
        load_detector(tmp_path / "ensemble")


def test_members_must_look_at_images_alike(members, tmp_path):
    _, (large, _) = members
    for other in ({"policy": "resize"}, {"views": 5}, {"native_side": 512}):
        odd = member(tmp_path / str(other), 48, 3, **other)
        with pytest.raises(UserError, match="otherwise than an ensemble"):
            preprocessing_of([large, odd])


def test_weights_are_those_that_made_the_labels():
    logits = RNG.normal(size=(20_000, 2)) * [3, 1]
    chance = 1 / (1 + np.exp(-(logits @ [0.8, 1.5] - 0.4)))
    labels = (RNG.random(20_000) < chance).astype(int)
    kernel, offset = weigh(logits, labels, ["a", "b"])
    np.testing.assert_allclose([*kernel, offset], [0.8, 1.5, -0.4], atol=0.08)


def test_a_member_that_adds_nothing_is_named():
    logits = RNG.normal(size=(500, 2))
    labels = (logits[:, 0] - logits[:, 1] > 0).astype(int)
    with pytest.raises(UserError, match="worse adds nothing"):
        weigh(logits + RNG.normal(size=logits.shape), labels, ["good", "worse"])


def test_members_trained_on_other_images_are_refused(members):
    _, (member, _) = members
    dealt = member.info.data.model_dump()
    part = Detector(None, member.info.replace(name="part", data=dealt | {"train_limit": 100}))
    same = Detector(None, member.info.replace(name="same", data=dealt))
    assert _dealt_alike([member, same]) == member.info.data
    with pytest.raises(UserError, match="part was trained on other images"):
        _dealt_alike([member, part])


def test_members_named_by_a_path_are_copied_in(members, tmp_path, monkeypatch):
    root, both = members
    made = ensemble(tmp_path / "ensemble", root, both)
    assert [member.detector for member in made.info.members] == ["members/0", "members/1"]
    images = [RNG.integers(0, 256, (80, 90, 3), dtype=np.uint8)]
    expected = made.score(images)
    moved = (tmp_path / "ensemble").rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_allclose(load_detector(moved).score(images), expected, rtol=1e-6)
