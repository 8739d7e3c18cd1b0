import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.explaining.geometry import Cells, cells_of, on_image, on_square
from dfd_tf.models import build_model

PIXELS = Cells(0.0, 1.0)
ONES = {"kernel_initializer": "ones", "use_bias": False}


def windows(x):
    """Windows of all kinds, each of which weighs its pixels evenly."""
    x = layers.Conv2D(1, 3, strides=2, padding="valid", name="valid", **ONES)(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.AveragePooling2D(2, 2, padding="valid")(x)
    return layers.Conv2D(1, 3, dilation_rate=2, padding="same", name="cells", **ONES)(x)


def branches(x):
    # No 1x1 convolution: with one channel and stride 2 its kernel's gradient crashes TensorFlow.
    shortcut = layers.AveragePooling2D(1, 2)(x)
    long = layers.Conv2D(1, 3, strides=2, padding="same", **ONES)(x)
    return layers.Add(name="cells")([9 * shortcut, long])


def blocks(x):
    return layers.Conv2D(1, 1, name="cells", **ONES)(ops.space_to_depth(x, 4))


@pytest.mark.parametrize("body", [windows, branches, blocks])
def test_cells_lie_where_the_gradient_says(body):
    pixels = keras.Input((64, 64, 1))
    model = keras.Model(pixels, body(pixels))
    cells = cells_of(model, model.get_layer("cells"))
    x = tf.ones((1, 64, 64, 1))
    middle = model.output.shape[1] // 2
    with tf.GradientTape() as tape:
        tape.watch(x)
        cell = model(x)[0, middle, middle, 0]
    weight = np.array(tape.gradient(cell, x))[0, ..., 0].sum(axis=1)
    assert cells.start + cells.step * middle == pytest.approx(np.average(range(64), weights=weight))


def test_cells_of_amtenet_do_not_tile_its_input():
    model = build_model("amtenet")
    assert cells_of(model, model.get_layer("conv7")) == (13, 8)


def test_cells_of_a_spectral_detector_are_found_through_its_blocks():
    model = build_model("vanet", input_size=64)
    cells = cells_of(model, model.get_layer("fused"))
    assert 12 < cells.step < 20
    assert 0 < cells.start < 16


@pytest.mark.parametrize(
    ("policy", "shape"),
    [
        (Preprocessing(32, "crop"), (90, 61)),
        (Preprocessing(64, "crop"), (40, 50)),  # enlarged
        (Preprocessing(32, "crop", native_side=40), (100, 130)),  # shrunk, then cropped
        (Preprocessing(32, "resize"), (64, 96)),
        (Preprocessing(64, "resize"), (41, 47)),
        (Preprocessing(32, "crop", views=9), (90, 61)),
        (Preprocessing(32, "resize", views=5), (64, 80)),
    ],
)
def test_what_the_detector_saw_lands_where_it_came_from(policy, shape):
    """The squares themselves, taken for heat, give the image back."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows, columns, 0 * rows], axis=-1).astype(np.uint8)
    squares = policy.views_of(image).astype(np.float32)
    coverage, seen = on_image(np.ones_like(squares[..., 0]), PIXELS, policy, *shape)
    assert seen.any()
    np.testing.assert_array_equal(coverage > 0, seen)
    scale = policy.fitted_shape(*shape)[0] / height * policy.size
    scale /= policy.windows(*policy.fitted_shape(*shape))[0].side
    for channel, places in ((0, rows), (1, columns)):
        heat, _ = on_image(squares[..., channel], PIXELS, policy, *shape)
        error = np.abs(heat[seen] / coverage[seen] - places[seen])
        # Half a grey level of rounding, and at the border half a pixel of the square.
        assert error.max() <= 0.6 + max(0.5, 0.5 / scale)
        assert np.median(error) <= 0.5


def test_a_central_crop_sees_its_square_only():
    policy = Preprocessing(32, "crop", native_side=50)
    _, seen = on_image(np.ones((1, 4, 4), np.float32), Cells(4, 8), policy, 64, 50)
    expected = np.zeros((64, 50), bool)
    expected[16:48, 9:41] = True
    np.testing.assert_array_equal(seen, expected)


def test_between_cells_heat_is_linear_and_beyond_them_constant():
    heat = on_square(np.array([[[0, 0], [8, 8]]], np.float32), Cells(2, 4), 9)[0]
    np.testing.assert_allclose(heat[:, 0], [0, 0, 0, 2, 4, 6, 8, 8, 8])
