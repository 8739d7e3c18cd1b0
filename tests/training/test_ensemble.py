import json
import shutil

import keras
import numpy as np
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.calibration.joining import levels_of, weigh
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.splits import BY_HASH
from dfd_tf.detectors.bundle import add_lite_file, choose_engine, load_detector, save_bundle
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import DetectorInfo, Joint
from dfd_tf.detectors.joining import ensemble_of, rule_of
from dfd_tf.detectors.scoring import score_images
from dfd_tf.detectors.united import weighing
from dfd_tf.detectors.views import MemberView, squares_of
from dfd_tf.errors import UserError
from dfd_tf.exporting.tflite import convert
from dfd_tf.faces import Framing
from dfd_tf.faces.finder import Face
from dfd_tf.faces.piece import Piece
from dfd_tf.lite import LiteModel
from dfd_tf.models import build_model
from dfd_tf.training.ensemble import _dealt_alike, _with_own_split

RNG = np.random.default_rng(0)
IMAGES = [RNG.integers(0, 256, shape, dtype=np.uint8) for shape in ((80, 90, 3), (64, 64, 3))]
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


NOISY_OR = {"rule": "noisy-or", "levels": [0.5, -1.0]}


def ensemble(folder, root, members, joint=None, names=("large", "small")):
    model = weighing(len(members), (joint or {}).get("rule", "sum"))
    held = [np.array([[2.0], [0.5]]), np.array([0.25])]
    if joint == NOISY_OR:
        held = [np.array([2.0, 0.5]), np.array(NOISY_OR["levels"])]
    model.get_layer("logit").set_weights(held)
    named = [
        {"detector": str(root / name), "weights_sha256": m.info.weights_sha256, "weight": w}
        for name, m, w in zip(names, members, (2.0, 0.5), strict=True)
    ]
    changes = {"name": "ensemble", "architecture": "ensemble", "members": named, "joint": joint}
    info = members[0].info.replace(**changes, tflite_sha256=None)
    return save_bundle(folder, model, info)


def said(detector, images):
    return score_images(detector.model, detector.preprocessing, images)


def test_one_of_before_members_had_views_weighs_their_logits(members, tmp_path):
    root, (large, small) = members
    ensemble(tmp_path / "ensemble", root, [large, small])
    whole = load_detector(tmp_path / "ensemble")
    np.testing.assert_allclose(
        said(whole, IMAGES), 2 * said(large, IMAGES) + 0.5 * said(small, IMAGES) + 0.25, rtol=1e-6
    )
    assert (tmp_path / "ensemble" / "model.keras").stat().st_size < 20_000
    with pytest.raises(UserError, match="made before ensembles were judged without TensorFlow"):
        ensemble_of([large, small], whole.info)


@pytest.mark.parametrize(
    "other", [{"policy": "resize"}, {"views": 5}, {"native_side": 70}], ids=str
)
def test_each_member_judges_in_its_own_view_what_its_calibration_says(members, tmp_path, other):
    root, (large, _) = members
    odd = member(tmp_path / "odd", 48, 3, **other)
    both = {"large": large, "odd": odd}
    shutil.copytree(root / "large", tmp_path / "large")
    joint = {"offset": -1.5}
    whole = ensemble(tmp_path / "ensemble", tmp_path, [*both.values()], joint, names=both)
    log_odds = [m.calibration.log_odds(said(m, IMAGES)) for m in both.values()]
    expected = 2 * log_odds[0] + 0.5 * log_odds[1] - 1.5
    np.testing.assert_allclose(said(whole, IMAGES), expected, rtol=1e-6)
    with pytest.raises(UserError, match="no single graph"):
        _ = whole.network


@pytest.mark.parametrize("joint", [{"offset": 0.25}, NOISY_OR], ids=["sum", "noisy-or"])
def test_members_that_look_alike_are_one_graph_for_exports(members, tmp_path, joint):
    root, both = members
    whole = ensemble(tmp_path / "ensemble", root, both, joint)
    one = Detector(whole.network, whole.info)
    np.testing.assert_allclose(said(one, IMAGES), said(whole, IMAGES), rtol=1e-4)
    light = Detector(LiteModel(convert(one)), whole.info)
    np.testing.assert_allclose(said(light, IMAGES), said(whole, IMAGES), rtol=1e-3)


def test_who_doubts_is_not_voted_down():
    rule = rule_of([0.5, 0.5, 0.5], Joint(rule="noisy-or", levels=(1.0, -0.5, 0.0)))
    alone = rule(np.array([[-6.0, 9.0, -6.0], [-60.0, 9.0, -60.0]]))
    assert np.all(alone > 4) and abs(alone[0] - alone[1]) < 0.1
    rising = rule(np.array([[-6.0, x, 1.0] for x in (-99.0, -3.0, 0.0, 3.0)]))
    assert np.all(np.diff(rising) > 0)
    assert rule(np.array([[-99.0] * 3])) == pytest.approx(np.log(1e-4), abs=1e-3)
    laid = weighing(3, "noisy-or")
    laid.get_layer("logit").set_weights([np.full(3, 0.5), np.array([1.0, -0.5, 0.0])])
    answers = RNG.normal(size=(50, 3)) * 8
    np.testing.assert_allclose(laid(answers)[:, 0], rule(answers), rtol=1e-4, atol=1e-4)


def test_a_level_is_that_of_the_strictest_source_that_can_speak():
    sources = np.repeat(["a", "b", "few"], [40, 50, 5])
    odd = {"a": [0, 5], "b": [3, 1], "few": [99, 99]}
    log_odds = np.array([odd[name] for name in sources]) + np.linspace(0, 1e-6, 95)[:, None]
    np.testing.assert_allclose(levels_of(log_odds, sources), [3, 5], atol=1e-5)
    np.testing.assert_allclose(levels_of(log_odds[90:], sources[90:]), [99, 99], atol=1e-5)


def test_a_member_cuts_the_face_out_in_its_own_framing():
    photo = np.arange(300 * 300 * 3, dtype=np.uint32).reshape(300, 300, 3).astype(np.uint8)
    face = Face(100, 120, 60, 60, 1.0)
    own, ensembles = Framing(1.5, 3.0, 0.0, 9), Framing(2.5, 4.0, 0.1, 9)

    def around(framing):
        return framing.window(photo, face).cut(photo)

    cut = Piece(around(ensembles), around=around)
    preprocessing = Preprocessing(size=64, native_side=90)
    seen = squares_of([MemberView(preprocessing, own), MemberView(preprocessing, None)], cut, same)
    np.testing.assert_array_equal(seen[0], preprocessing.views_of(around(own)))
    np.testing.assert_array_equal(seen[1], preprocessing.views_of(around(ensembles)))
    assert (seen[0] != seen[1]).any()


def same(image):
    return image


@pytest.mark.parametrize("joint", [None, {"offset": 0.0}])
def test_all_members_on_the_light_engine_make_an_ensemble_there(members, tmp_path, joint):
    root, _ = members
    for name in ("large", "small"):
        shutil.copytree(root / name, tmp_path / name)
        light = convert(load_detector(tmp_path / name, engine="keras"))
        add_lite_file(tmp_path / name, light)
    named = [load_detector(tmp_path / name, engine="keras") for name in ("large", "small")]
    whole = ensemble(tmp_path / "ensemble", tmp_path, named, joint)
    assert choose_engine(tmp_path / "ensemble") == ("lite" if joint else "keras")
    if joint:
        light = load_detector(tmp_path / "ensemble", engine="lite")
        assert not hasattr(light.model.members[0], "layers")
        np.testing.assert_allclose(said(light, IMAGES), said(whole, IMAGES), atol=1e-4)


def test_a_member_that_was_trained_on_is_noticed(members, tmp_path):
    root, both = members
    made: Detector = ensemble(tmp_path / "ensemble", root, both)
    assert made.info.members[0].weight == 2
    described = json.loads((tmp_path / "ensemble" / "detector.json").read_text())
    described["members"][1]["weights_sha256"] = "0" * 64
    (tmp_path / "ensemble" / "detector.json").write_text(json.dumps(described))
    with pytest.raises(UserError, match="weights have changed"):
        load_detector(tmp_path / "ensemble")


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


def test_members_may_know_other_sources_but_not_other_splits(members):
    _, (member, _) = members
    by_hash = member.info.data.model_dump() | {"dealing": BY_HASH}
    one = {"one": {"train": {"real": 5, "fake": 5}}}
    two = {"two": {"train": {"real": 7, "fake": 7}}}

    def dealt(**changes):
        return Detector(None, member.info.replace(name="part", data=by_hash | changes))

    together = _dealt_alike([dealt(counts=one), dealt(counts=two, fingerprint="g")])
    assert set(together.counts) == {"one", "two"}
    with pytest.raises(UserError, match="part was trained on other images"):
        _dealt_alike([dealt(), dealt(seed=1)])
    before = [dealt(dealing=1), dealt(dealing=1, fingerprint="g")]
    with pytest.raises(UserError, match="part was trained on other images"):
        _dealt_alike(before)
    # What a set itself calls validation neither of them has touched.
    apart = _with_own_split([dealt(counts=one, dealing=1), dealt(counts=two, seed=1)])
    assert set(apart.counts) == {"one", "two"}
    with pytest.raises(UserError, match="part was calibrated on the sets' own validation splits"):
        _with_own_split([dealt(), dealt(valid_from_train=0)])


def test_members_named_by_a_path_are_copied_in(members, tmp_path, monkeypatch):
    root, both = members
    made = ensemble(tmp_path / "ensemble", root, both)
    assert [member.detector for member in made.info.members] == ["members/0", "members/1"]
    images = [RNG.integers(0, 256, (80, 90, 3), dtype=np.uint8)]
    expected = made.score(images)
    moved = (tmp_path / "ensemble").rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_allclose(load_detector(moved).score(images), expected, rtol=1e-6)
