import keras
import numpy as np
import pandas as pd
import pytest

from dfd_tf.config import OneClassConfig, parse_config
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.one_class.objectives import DataDescription
from dfd_tf.reporter import SILENT
from dfd_tf.training.dataset import gather
from dfd_tf.training.one_class.anomaly_scale import rescale, scale_of
from dfd_tf.training.one_class.collapse import collapse_of, one_class_figures
from dfd_tf.training.one_class.network import check

SIZE = 32


@pytest.fixture(scope="module")
def svdd():
    keras.utils.set_random_seed(0)
    return build_model("deep_svdd", input_size=SIZE, widths=(4, 4, 4, 4), kernel=3, dimensions=4)


def images(n):
    return np.random.default_rng(n).integers(0, 256, (n, SIZE, SIZE, 3)).astype("float32")


def table(n_real, n_fake=0):
    return pd.DataFrame({"label": [0] * n_real + [1] * n_fake, "source": "a"})


def test_a_centre_at_zero_provokes_the_collapse_and_it_is_caught(svdd):
    model = keras.models.clone_model(svdd)
    model.set_weights(svdd.get_weights())
    logits = np.array(model(images(16)))[:, 0].astype(float)
    assert one_class_figures(logits, table(16), model)["val_spread"] > 0.01
    # What the rule of 0.1 forbids: weights of zero now map everything onto the centre.
    model.get_layer("distance").centre.assign(np.full(4, 1e-4))
    objective = DataDescription(model, l2=10.0)
    objective.compile(keras.optimizers.Adam(0.02), jit_compile=False)
    objective.fit(images(16), np.zeros((16, 1)), batch_size=16, epochs=150, verbose=0)
    logits = np.array(model(images(16)))[:, 0].astype(float)
    with pytest.raises(UserError, match=r"collapsed.*pretrain_epochs"):
        one_class_figures(logits, table(16), model)


def test_both_kinds_of_collapse_are_told_from_health():
    rng = np.random.default_rng(0)
    healthy = rng.normal(0, 0.5, 50)
    assert collapse_of(healthy, centre=1.0) == ""
    assert "one score" in collapse_of(np.full(50, 3.0))
    assert "onto the centre" in collapse_of(healthy - 20, centre=1.0)
    assert collapse_of(healthy - 20) == ""  # a small error of an autoencoder is no collapse


def test_scale_makes_probabilities_where_there_are_fakes(svdd):
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    # With equal variances the true logit is linear: 2 (x - 1.5) / 0.5.
    scores = rng.normal(1.0 + labels, np.sqrt(0.5))
    location, slope = scale_of(scores, labels)
    assert location == pytest.approx(1.5, abs=0.05)
    assert slope == pytest.approx(2.0, rel=0.1)
    rescale(svdd, location, slope)
    after = np.array(svdd(images(3)))
    rescale(svdd, 0.0, 1.0)
    np.testing.assert_allclose(after, slope * (np.array(svdd(images(3))) - location), rtol=1e-4)


def test_scale_without_fakes_rests_on_photos_or_on_the_radius():
    scores = np.linspace(0, 1, 101)
    location, slope = scale_of(scores, np.zeros(101, int))
    assert location == pytest.approx(0.95)
    assert slope == pytest.approx(1 / scores.std())
    assert scale_of(scores, np.zeros(101, int), radius=3.0)[0] == pytest.approx(np.log(9))
    # Fakes that look more real than photos do not turn the score around.
    upside_down = scale_of(np.r_[scores, scores - 2], np.repeat([0, 1], 101))
    assert upside_down == pytest.approx((location, slope))


@pytest.mark.parametrize(
    ("name", "options", "answer"),
    [
        ("meso4", {}, "no one-class detector"),
        ("autoencoder", {"fake_fraction": 0.2}, "only deep_svdd"),
        ("deep_svdd", {"fake_fraction": 0.2, "soft": True}, "soft: false"),
        ("oc_fakedect", {"pretrain_epochs": 3}, "of deep_svdd, not oc_fakedect"),
        ("clip_vit", {"pretrain_epochs": 3}, "pretrained already"),
    ],
)
def test_what_a_detector_cannot_do_is_refused(name, options, answer):
    arguments = {
        "oc_fakedect": {"hidden": 4, "dimensions": 4},
        "clip_vit": {"head": "sphere", "read": (1,)},
    }.get(name, {})
    detector = build_model(name, input_size=SIZE, **arguments)
    with pytest.raises(UserError, match=answer):
        check(detector, OneClassConfig(**options))


NAMES = [
    f"{split}/{label}/{i:02}.jpg"
    for split, n in (("train", 20), ("valid", 2), ("test", 2))
    for label in ("real", "fake")
    for i in range(n)
]


def test_fakes_shown_are_seeded_and_nested(tmp_path, write_tree):
    root = write_tree(tmp_path / "faces", NAMES)

    def shown(**one_class):
        tree = {"model": {"name": "deep_svdd"}, "data": {"paths": [str(root)]}}
        config = parse_config(tree | {"one_class": one_class})
        train = gather(config, SILENT).split("train")
        assert (train.label == 0).sum() == 20
        return set(train.path[train.label == 1])

    fifth, twentieth = shown(fake_fraction=0.2), shown(fake_fraction=0.05)
    assert (len(shown()), len(twentieth), len(fifth)) == (0, 1, 4)
    assert twentieth < fifth
    assert shown(fake_fraction=0.2) == fifth
    assert not shown(fake_fraction=0.2, fakes_from=["elsewhere"])
