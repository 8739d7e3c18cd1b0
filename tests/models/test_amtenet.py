import numpy as np
import pytest

from dfd_tf.models import build_model


def test_feature_maps_have_the_published_sizes():
    model = build_model("amtenet")
    sides = {name: model.get_layer(name).output.shape[1] for name in ("conv4", "conv5", "conv6")}
    assert sides == {"conv4": 128, "conv5": 62, "conv6": 29}
    assert model.get_layer("conv7").output.shape[1:] == (14, 14, 128)
    assert model.get_layer("flatten").output.shape[1:] == (6272,)


def test_total_with_moving_statistics_is_the_published_one():
    # SPEC of the published graph with one logit instead of a softmax over two.
    assert build_model("amtenet").count_params() == 2_023_018


def test_cbam_adds_its_own_parameters():
    plain, attentive = build_model("amtenet"), build_model("amtenet", cbam=True)
    added = len(attentive.trainable_weights) - len(plain.trainable_weights)
    assert added == 7  # two dense layers with biases, one kernel, scale and shift
    grown = sum(np.prod(w.shape) for w in attentive.trainable_weights) - 2_022_746
    assert grown == 2284


@pytest.mark.parametrize("size", [64, 128, 160])
def test_builds_for_other_sizes(size):
    assert build_model("amtenet", input_size=size).input_shape == (None, size, size, 3)
