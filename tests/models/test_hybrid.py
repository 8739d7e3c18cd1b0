import numpy as np
import pytest

from dfd_tf.models import build_model


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.fixture(scope="module")
def hybrid():
    return build_model("hybrid")


def test_differs_from_the_open_projects_3280361_by_known_parts(hybrid):
    gains = 2
    biases = 1_616 + 1_168 + 768  # before a normalisation, in both streams and the fusion
    amten_norms_and_bias = 2 * (3 + 3 + 6 + 6) + 3  # the authors' AMTEN is linear, conv1 unbiased
    layer_norm = 2 * 384 * 8 * 8
    difference = biases + amten_norms_and_bias + layer_norm - gains
    assert trainable(hybrid) == 3_280_361 - difference == 3_227_620


def test_attention_can_be_left_out(hybrid):
    plain = build_model("hybrid", cbam=False)
    assert trainable(hybrid) - trainable(plain) == 2 * 2_284 + 18_940
    assert plain.get_layer("fused").output.shape == hybrid.get_layer("fused").output.shape


def test_spatial_stream_reads_traces_and_the_spectrum_reads_pixels(hybrid):
    assert hybrid.get_layer("spatial_stem1_conv").input.shape == (None, 128, 128, 12)
    assert hybrid.get_layer("frequency_normalise").input is hybrid.input
