import keras
import numpy as np
from keras import ops

from dfd_tf.layers import AMTEN
from dfd_tf.layers.amten import NEIGHBOUR_KERNEL, NeighbourPrediction


def pixels(seed=0, shape=(2, 16, 16, 3)):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def test_has_the_published_number_of_weights():
    layer = AMTEN()
    layer.build((None, 16, 16, 3))
    assert layer.count_params() == 909  # Guo et al. 2021, section on AMTEN; 81 + 2*84 + 2*330


def test_last_channels_are_prediction_minus_pixel():
    layer = AMTEN(trace_gain=2.0)
    x = pixels()
    maps = np.array(layer(x))
    kernel = layer.predictor.kernel
    predicted = np.array(ops.conv(x, kernel, padding="same"))
    np.testing.assert_allclose(maps[..., 9:], 2 * (predicted - x), atol=1e-5)


def test_front_end_is_linear_without_activation():
    layer = AMTEN()
    a, b = pixels(1), pixels(2)
    offset = np.array(layer(np.zeros_like(a)))
    together = np.array(layer(a + b)) - offset
    apart = np.array(layer(a)) + np.array(layer(b)) - 2 * offset
    np.testing.assert_allclose(together, apart, atol=1e-4)
    bent = AMTEN(activation="relu")
    assert float(ops.min(bent(a)[..., :6])) >= 0


def test_neighbour_start_leaves_nothing_of_a_smooth_surface():
    y, x = np.mgrid[0:16, 0:16] / 16
    surface = np.stack([x**2, x * y, y - x], axis=-1)[None].astype("float32")
    layer = AMTEN(predictor_initializer=NeighbourPrediction())
    trace = np.array(layer(surface))[..., 9:]
    assert np.abs(trace[:, 1:-1, 1:-1]).max() < 1e-5
    assert NEIGHBOUR_KERNEL.sum() == 1
    assert NEIGHBOUR_KERNEL[1, 1] == 0


def test_config_round_trip_keeps_every_argument():
    layer = AMTEN("relu", NeighbourPrediction(), 3.0, name="front")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()
    assert again.trace_gain == 3.0
    assert isinstance(again.predictor_initializer, NeighbourPrediction)
