import keras
import numpy as np
import pytest
from keras import layers

from dfd_tf.models import build_model


def trainable(model):
    return sum(np.prod(weight.shape) for weight in model.trainable_weights)


# Published with a head of 1000 classes: torchvision's models, SPEC 1.6.
@pytest.mark.parametrize(
    ("name", "features", "published"),
    [
        ("resnet18", 512, 11_689_512),
        ("resnet34", 512, 21_797_672),
        ("resnet50", 2048, 25_557_032),
    ],
)
def test_body_has_the_published_parameters(name, features, published):
    body = trainable(build_model(name, input_size=64)) - (features + 1)
    assert body + 1000 * (features + 1) == published


def test_cbam_makes_it_the_official_resnet50_cbam():
    model = build_model("resnet50", input_size=64, cbam=True)
    assert trainable(model) - 2049 + 1000 * 2049 == 28_089_624
    assert sum(layer.name.endswith("_cbam") for layer in model.layers) == 16


def test_attention_comes_after_the_last_norm_and_before_the_addition():
    model = build_model("resnet18", input_size=64, cbam=True)
    attention = model.get_layer("conv3_1_cbam")
    assert attention.input is model.get_layer("conv3_1_conv2_norm").output
    assert any(attention.output is branch for branch in model.get_layer("conv3_1_add").input)


def test_stage_sides_at_224_pixels():
    model = build_model("resnet18")
    names = ("conv1", "pool1", "conv2_2", "conv3_2", "conv4_2", "conv5_2")
    assert [model.get_layer(name).output.shape[1] for name in names] == [112, 56, 56, 28, 14, 7]


def test_full_resolution_keeps_every_pixel_to_the_first_stage_with_the_same_weights():
    fine = build_model("resnet18", input_size=64, stem="full_resolution")
    coarse = build_model("resnet18", input_size=64)
    assert fine.get_layer("conv2_2").output.shape[1] == 64
    assert [w.shape for w in fine.weights] == [w.shape for w in coarse.weights]


def test_bottleneck_strides_in_its_3x3_convolution():
    model = build_model("resnet50", input_size=64)
    strides = [model.get_layer(f"conv3_1_conv{number}").strides for number in (1, 2, 3)]
    assert strides == [(1, 1), (2, 2), (1, 1)]


def test_strided_windows_are_centred_on_even_pixels():
    model = build_model("resnet18", input_size=64)
    weights = model.get_layer("conv3_1_conv1").get_weights()[0]
    maps = np.random.default_rng(0).normal(size=(1, 16, 16, 64)).astype("float32")
    pixels = keras.Input((16, 16, 64))
    padded = model.get_layer("conv3_1_conv1")(model.get_layer("conv3_1_conv1_pad")(pixels))
    strided = keras.Model(pixels, padded)(maps)
    by_hand = np.einsum("hwc,hwcf->f", maps[0, 3:6, 5:8], weights)  # the window around (4, 6)
    np.testing.assert_allclose(strided[0, 2, 3], by_hand, rtol=1e-3, atol=1e-4)


def test_pixels_are_brought_to_imagenets_statistics():
    model = build_model("resnet18", input_size=64)
    normalise = model.get_layer("normalise")
    assert isinstance(model.layers[1], layers.Rescaling)
    means = np.array([[[[123.675, 116.28, 103.53]]]], "float32")
    deviations = np.array([[[[58.395, 57.12, 57.375]]]], "float32")
    np.testing.assert_allclose(normalise(means), 0, atol=1e-5)
    np.testing.assert_allclose(normalise(means + deviations), 1, atol=1e-5)
