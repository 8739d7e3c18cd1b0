import numpy as np

from dfd_tf.layers import Gain


def test_multiplies_by_one_learned_scalar():
    layer = Gain(2.5)
    x = np.array([[1.0, -2.0]], "float32")
    np.testing.assert_allclose(layer(x), 2.5 * x)
    assert [weight.shape for weight in layer.trainable_weights] == [()]
    assert Gain.from_config(layer.get_config()).initial == 2.5
