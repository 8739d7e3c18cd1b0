import keras
import numpy as np
import pytest
from keras import layers

from dfd_tf.explaining.methods import make_mapper

# Two maps from the colours of each pixel, the logit a weighed sum of their means.
KERNEL = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]) / 255
FOR, AGAINST = 3.0, -2.0
BIAS = 0.5


@pytest.fixture(scope="module")
def model():
    pixels = keras.Input((4, 4, 3), name="pixels")
    maps = layers.Conv2D(2, 1, use_bias=False, name="maps")(pixels)
    logit = layers.Dense(1, name="logit")(layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(pixels, logit)
    model.set_weights([KERNEL[None, None], np.array([[FOR], [AGAINST]]), np.array([BIAS])])
    return model


@pytest.fixture(scope="module")
def squares():
    return np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)


def maps_of(squares):
    return squares / 1.0 @ KERNEL  # (n, 4, 4, 2)


@pytest.mark.parametrize("target", [0, 1])
def test_grad_cam_is_what_the_paper_says(model, squares, target):
    """The gradient is the weight over 16 places, everywhere; so is its mean."""
    sign = 1 if target else -1
    expected = np.maximum(0, sign * maps_of(squares) @ [FOR / 16, AGAINST / 16])
    found = make_mapper("gradcam", model, "maps")(squares, target)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["gradcam++", "layercam"])
@pytest.mark.parametrize("target", [0, 1])
def test_the_others_by_gradient_keep_the_maps_that_speak_for_the_class(
    model, squares, method, target
):
    weights = [FOR / 16, 0] if target else [0, -AGAINST / 16]
    found = make_mapper(method, model, "maps")(squares, target)
    np.testing.assert_allclose(found, maps_of(squares) @ weights, atol=1e-6)


@pytest.mark.parametrize("target", [0, 1])
def test_score_cam_weighs_by_the_probability_of_the_class_seen_through_each_map(
    model, squares, target
):
    maps = maps_of(squares)
    low, high = (side(maps, axis=(1, 2), keepdims=True) for side in (np.min, np.max))
    masks = (maps - low) / (high - low)
    expected = np.zeros((2, 4, 4))
    for k in range(2):
        means = maps_of(squares * masks[..., k, None]).mean(axis=(1, 2))
        logits = means @ [FOR, AGAINST] + BIAS
        probability = 1 / (1 + np.exp(-logits if target else logits))
        expected += probability[:, None, None] * maps[..., k]
    found = make_mapper("scorecam", model, "maps")(squares, target)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_score_cam_prints_nothing(model, squares, capfd):
    make_mapper("scorecam", model, "maps")(squares, 1)
    assert capfd.readouterr().out == ""


def test_smoothgrad_of_a_linear_network_is_its_strongest_weight(model, squares):
    found = make_mapper("smoothgrad", model, "pixels")(squares, 1)
    np.testing.assert_allclose(found, 2 * abs(AGAINST) / 255 / 16, rtol=1e-5)


def test_smoothgrad_leaves_the_random_numbers_of_others_alone(model, squares):
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    make_mapper("smoothgrad", model, "pixels")(squares, 1)
    assert np.random.random() == expected
