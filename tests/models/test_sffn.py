import numpy as np
import pytest

from dfd_tf.models import build_model

# SPEC 1.2: trainable and total parameters of the authors' graphs, whose head has two units.
PUBLISHED = {
    ("v1", 64): (12_523_026, 12_540_152),
    ("v2", 64): (51_704_578, 51_706_626),
    ("v3", 64): (4_833_058, 4_835_106),
    ("v3", 128): (25_804_578, 25_806_626),
}
FEATURES = {"v1": 3933, "v2": 1024, "v3": 1024}


@pytest.mark.parametrize(("version", "size"), PUBLISHED)
def test_has_the_published_parameters_less_one_unit(version, size):
    model = build_model("sffn", version=version, input_size=size)
    trainable = sum(np.prod(weight.shape) for weight in model.trainable_weights)
    unit = FEATURES[version] + 1
    assert (trainable + unit, model.count_params() + unit) == PUBLISHED[version, size]


def test_averaging_head_leaves_109_377_parameters_at_any_size():
    assert build_model("sffn", head="gap").count_params() == 109_377
    assert build_model("sffn", head="gap", input_size=96).count_params() == 109_377


@pytest.mark.parametrize(
    ("version", "sides"),
    [
        ("v1", {"pool1": 63, "pool2": 31, "pool3": 15, "pool4": 7, "pool5": 3, "conv17": 3}),
        ("v2", {"conv3": 64, "conv6": 32, "conv8": 32}),
        ("v3", {"pool1": 62, "pool2": 30, "conv8": 28}),
    ],
)
def test_feature_maps_have_the_published_sizes(version, sides):
    model = build_model("sffn", version=version, head="gap")
    assert {name: model.get_layer(name).output.shape[1] for name in sides} == sides


def test_penalty_is_on_every_convolution_and_the_wide_dense_layer():
    assert len(build_model("sffn").losses) == 9
    assert not build_model("sffn", l2=0.0).losses


def test_an_enormous_dense_layer_is_warned_of(caplog):
    build_model("sffn", version="v2", input_size=64)
    assert "50 million weights" in caplog.text
    assert "head='gap'" in caplog.text
    caplog.clear()
    build_model("sffn")
    assert not caplog.text
