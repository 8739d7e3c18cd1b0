import keras
import numpy as np
import pytest
from scipy.fft import dctn

from dfd_tf.layers import BlockDCT
from dfd_tf.layers.dct import dct_matrix, zigzag


def pixels(seed=0, shape=(2, 10, 12, 3)):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


def test_zigzag_lists_the_known_orders():
    assert zigzag(4) == [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15]
    assert zigzag(8)[:10] == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]  # ITU-T T.81, figure 5
    assert zigzag(8)[-4:] == [47, 55, 62, 63]


def test_matrix_is_orthonormal():
    np.testing.assert_allclose(dct_matrix(8) @ dct_matrix(8).T, np.eye(8), atol=1e-12)


@pytest.mark.parametrize(("size", "stride"), [(4, 2), (8, 8)])
def test_coefficients_are_those_of_scipy_interleaved_by_frequency(size, stride):
    x = pixels()
    maps = np.array(BlockDCT(size, stride)(x))
    rows, columns = (10 - size) // stride + 1, (12 - size) // stride + 1
    assert maps.shape == (2, rows, columns, 3 * size * size)
    for row, column in ((0, 0), (rows - 1, columns - 1)):
        top, left = row * stride, column * stride
        for channel in range(3):
            block = x[1, top : top + size, left : left + size, channel].astype("float64")
            expected = dctn(block, norm="ortho").ravel()[zigzag(size)]
            np.testing.assert_allclose(maps[1, row, column, channel::3], expected, atol=1e-3)


def test_every_second_pixel_of_128_gives_63_blocks_of_48():
    assert BlockDCT()(pixels(shape=(1, 128, 128, 3))).shape == (1, 63, 63, 48)


def test_is_float32_and_without_weights_under_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = BlockDCT()
        maps = layer(pixels())
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(maps, BlockDCT()(pixels()))
    assert not layer.weights


def test_config_round_trip_keeps_size_and_stride():
    layer = BlockDCT(8, 4, name="spectrum")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    np.testing.assert_array_equal(again(pixels()), layer(pixels()))
