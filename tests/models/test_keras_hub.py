"""A backbone of KerasHub from a preset on disk."""

import shutil

import keras
import numpy as np
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.config import parse_config
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.errors import UserError
from dfd_tf.models import architecture, build_model
from dfd_tf.models.backbone import load_pretrained
from dfd_tf.models.cost import cost_of
from dfd_tf.models.tuning import layer_norms, only_norms_learn
from dfd_tf.reporter import SILENT
from dfd_tf.studies.architecture_table import Row, markdown
from dfd_tf.training.run import train

hub = pytest.importorskip("keras_hub", reason='needs pip install --no-deps "keras-hub==0.32.0"')
SIZE = 32


def vit():
    return hub.models.ViTBackbone(
        image_shape=(SIZE, SIZE, 3),
        patch_size=8,
        num_layers=1,
        num_heads=2,
        hidden_dim=8,
        mlp_dim=8,
    )


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """A tiny transformer whose pixels lie in [-1, 1]."""
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("preset")
    vit().save_to_preset(folder)
    hub.layers.ViTImageConverter(scale=1 / 127.5, offset=-1.0).save_to_preset(folder)
    return str(folder)


def pixels():
    return np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")


def test_it_computes_what_the_preset_does(preset):
    arguments = {"preset": preset, "input_size": SIZE}
    model = build_model("keras_hub", **arguments)
    load_pretrained(model, "keras_hub", arguments)
    tokens = hub.models.Backbone.from_preset(preset)(pixels() / 127.5 - 1)
    seen = keras.Model(model.input, model.get_layer("seen").output)(pixels())
    wanted = np.concatenate([tokens[:, 0], np.mean(tokens[:, 1:], axis=1)], axis=1)
    np.testing.assert_allclose(seen, wanted, atol=1e-5)
    assert model.get_layer("features").output.shape == (None, 4, 4, 8)


def test_a_row_of_it_says_what_it_costs_as_far_as_that_is_known(preset):
    model = build_model("keras_hub", preset=preset, input_size=SIZE)
    cost = cost_of(model)
    assert cost.parameters == vit().count_params() + 2 * 8 + 1
    assert cost.multiply_adds is None
    row = Row("keras_hub", "its preset", cost.parameters, cost.multiply_adds, {}, {})
    assert markdown([row]).splitlines()[-1].endswith(" | 0.00 | - | - | - |")


def test_its_norms_can_be_tuned(preset):
    model = build_model("keras_hub", preset=preset, input_size=SIZE)
    only_norms_learn(model, ["trunk"])
    names = [weight.path.split("/")[-2:] for weight in model.trainable_weights]
    assert [part for layer, part in names if layer != "logit"] == ["gamma", "beta"] * 3


def test_a_tuned_bundle_takes_the_rest_from_the_preset(preset, tmp_path, describe):
    arguments = {"preset": preset, "input_size": SIZE}
    model = build_model("keras_hub", **arguments)
    load_pretrained(model, "keras_hub", arguments)
    for norm in layer_norms(model, ["trunk"]):
        norm.gamma.assign(norm.gamma + 0.5)
    info = describe(
        architecture="keras_hub",
        arguments=architecture("keras_hub").settled(arguments),
        preprocessing={"size": SIZE, "native_side": SIZE},
        calibration=fit_calibration(np.linspace(-2, 2, 40), np.arange(40) // 10 % 2),
        backbone=preset,
        tuned="layer_norm",
    )
    save_bundle(tmp_path, model, info)
    again = load_detector(tmp_path, engine="keras").network
    np.testing.assert_array_equal(again(pixels()), model(pixels()))


def test_a_convolutional_backbone_has_its_normalisation(tmp_path):
    resnet = hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[3],
        stackwise_num_filters=[64],
        stackwise_num_blocks=[1],
        stackwise_num_strides=[1],
        block_type="basic_block",
        image_shape=(None, None, 3),
    )
    resnet.save_to_preset(tmp_path)
    model = build_model("keras_hub", preset=str(tmp_path), input_size=SIZE)
    assert model(pixels()).shape == (2, 1)
    assert model.get_layer("seen").output.shape == (None, 64)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({}, r"model\.args\.preset: missing"),
        ({"preset": "no/such/preset"}, "'no/such/preset' cannot be used"),
        ({"preset": "p", "trunk": {"kind": "Task", "config": {}}}, "no backbone 'Task'"),
    ],
)
def test_what_is_no_preset_is_said(arguments, answer):
    with pytest.raises(UserError, match=answer):
        build_model("keras_hub", **arguments)


def test_a_network_for_words_is_refused(tmp_path):
    hub.models.BertBackbone(9, 1, 1, 2, 4, max_sequence_length=4).save_to_preset(tmp_path)
    with pytest.raises(UserError, match="BertBackbone is no backbone from pictures to features"):
        build_model("keras_hub", preset=str(tmp_path))


def test_a_trained_bundle_needs_the_preset_no_more(preset, tmp_path, write_tree):
    copy = tmp_path / "preset"
    shutil.copytree(preset, copy)
    names = [
        f"{s}/{k}/{i}.jpg"
        for s in ("train", "valid", "test")
        for k in ("real", "fake")
        for i in range(4)
    ]
    settings = {
        "model": {"name": "keras_hub", "args": {"preset": str(copy), "input_size": SIZE}},
        "data": {"paths": [str(write_tree(tmp_path / "faces", names))]},
        "train": {"init": "pretrained", "epochs": 1, "batch_size": 4},
        "device": {"precision": "float32"},
    }
    train(parse_config(settings), tmp_path / "run", reporter=SILENT)
    shutil.rmtree(copy)
    rows = (tmp_path / "run" / "predictions.csv").read_text().splitlines()[1:]
    again = load_detector(tmp_path / "run").judge([row.split(",")[0] for row in rows])
    np.testing.assert_allclose(again.score, [float(row.split(",")[2]) for row in rows], atol=2e-6)
