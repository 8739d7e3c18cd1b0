"""Training of a backbone by its layer normalisations alone."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import TrainConfig, parse_config
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.models.backbone import pretrained_layers
from dfd_tf.models.tuning import only_norms_learn
from dfd_tf.reporter import SILENT
from dfd_tf.training.run import train

TUNED = {"init": "pretrained", "tune": "layer_norm", "epochs": 1, "learning_rate": 0.01}
ARGUMENTS = {"read": (1, 2), "hidden": 4}
FEW_STEPS = """
import keras, numpy as np
from dfd_tf.config import TrainConfig
from dfd_tf.models import build_model
from dfd_tf.models.backbone import pretrained_layers
from dfd_tf.training.optim.phases import start_phase

keras.utils.set_random_seed(0)
model = build_model("dinov2", input_size=28, **ARGUMENTS)
before = {weight.path: np.array(weight) for weight in model.weights}
start_phase(model, TrainConfig(**TUNED), 2, pretrained_layers(model, "dinov2"), 0)
rng = np.random.default_rng(0)
for _ in range(2):
    pixels = rng.uniform(0, 255, (8, 28, 28, 3)).astype("float32")
    model.train_on_batch(pixels, np.arange(8)[:, None] % 2)
moved = {weight.path for weight in model.weights if np.any(np.array(weight) != before[weight.path])}
""".replace("ARGUMENTS", repr(ARGUMENTS)).replace("TUNED", repr(TUNED))
JAX = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",
}
MOVED = {
    f"block{number}_norm{place}/{part}"
    for number in (1, 2)
    for place in (1, 2)
    for part in ("gamma", "beta")
} | {
    *(f"{layer}/{part}" for layer in ("hidden", "logit") for part in ("kernel", "bias")),
    *(f"seen_norm/moving_{moment}" for moment in ("mean", "variance")),
}


def test_a_few_steps_move_the_norms_and_the_head_and_nothing_else():
    found = {}
    exec(FEW_STEPS, found)
    assert found["moved"] == MOVED
    learning = {weight.path for weight in found["model"].trainable_weights}
    assert learning == {path for path in MOVED if "moving" not in path}


def test_they_are_the_same_on_jax():
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", f"{FEW_STEPS}\nprint(sorted(moved))"],
        capture_output=True,
        text=True,
        env=os.environ | JAX,
    )
    assert done.stdout.strip() == repr(sorted(MOVED)), done.stderr


def test_norms_within_a_layer_are_found_and_batch_statistics_held():
    encoder = keras_layer_with_everything()
    pixels = keras.Input((4,))
    model = keras.Model(pixels, keras.layers.Dense(1, name="logit")(encoder(pixels)))
    only_norms_learn(model, ["encoder"])
    learning = [weight.path for weight in model.trainable_weights]
    assert learning == ["encoder/norm/gamma", "encoder/norm/beta", "logit/kernel", "logit/bias"]
    assert not encoder.statistics.trainable


def keras_layer_with_everything():
    class Encoder(keras.layers.Layer):
        def __init__(self):
            super().__init__(name="encoder")
            self.norm = keras.layers.LayerNormalization(name="norm")
            self.dense = keras.layers.Dense(4, name="dense")
            self.statistics = keras.layers.BatchNormalization(name="statistics")

        def build(self, shape):
            self.own = self.add_weight(shape=shape[1:], name="own")
            for layer in (self.norm, self.dense, self.statistics):
                layer.build(shape)

        def call(self, x):
            return self.statistics(self.dense(self.norm(x + self.own)))

    return Encoder()


def test_a_backbone_without_layer_norms_says_so():
    model = build_model("efficientnet_lite0", input_size=32)
    with pytest.raises(UserError, match="'efficientnet_lite0' has no layer normalisations"):
        only_norms_learn(model, pretrained_layers(model, "efficientnet_lite0"))


@pytest.mark.parametrize(
    ("change", "answer"),
    [({"init": None}, "needs init: pretrained"), ({"freeze_epochs": 1}, "freeze_epochs smaller")],
)
def test_what_could_not_be_stored_or_would_never_learn_is_refused(change, answer):
    with pytest.raises(ValueError, match=answer):
        TrainConfig(**TUNED | change)


@pytest.fixture(scope="module")
def run(tmp_path_factory, published):
    published("dinov2")
    faces, folder = tmp_path_factory.mktemp("faces"), tmp_path_factory.mktemp("run")
    rng = np.random.default_rng(0)
    for name in [f"{s}/{k}" for s in ("train", "valid", "test") for k in ("real", "fake")]:
        (faces / name).mkdir(parents=True)
        for i in range(6):
            coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
            coarse.resize((60, 60)).save(faces / name / f"{i}.png")
    settings = {
        "model": {"name": "dinov2", "args": {"input_size": 56, "read": [2], "hidden": 4}},
        "data": {"paths": [str(faces)]},
        "train": {**TUNED, "batch_size": 4},
        "device": {"precision": "float32"},
    }
    train(parse_config(settings), folder, reporter=SILENT)
    return folder


def test_bundle_holds_what_changed_and_judges_as_the_run_did(run):
    # The head has 3,080 weights and the norms 3,072; each of the two blocks has 1,775,232.
    assert (run / "bundle" / "model.keras").stat().st_size < 100_000
    detector = load_detector(run)
    assert detector.info.tuned == "layer_norm"
    assert "but for their layer normalisations" in (run / "bundle" / "MODEL_CARD.md").read_text()
    rows = [line.split(",") for line in (run / "predictions.csv").read_text().splitlines()[1:]]
    again = detector.judge([row[0] for row in rows])
    np.testing.assert_array_equal(again.score.round(6), [round(float(row[2]), 6) for row in rows])


def test_tuned_norms_differ_from_the_published(run, published):
    detector = load_detector(run)
    scale = published("dinov2").load()["backbone.encoder.layer.0.norm1"][0]
    tuned = detector.network.get_layer("block1_norm1").get_weights()
    assert 0 < np.abs(tuned[0] - scale).max() < 0.1
