import numpy as np
import pytest

from dfd_tf.layers import CBAM


@pytest.mark.parametrize(
    ("channels", "published"), [(64, 680), (128, 2284), (256, 8564), (512, 33412), (2048, 526564)]
)
def test_has_the_published_number_of_trainable_weights(channels, published):
    layer = CBAM()
    layer.build((None, 8, 8, channels))
    assert sum(np.prod(w.shape) for w in layer.trainable_weights) == published


def test_spatial_gate_starts_at_one_half_and_channel_gate_is_the_hand_computed_one():
    maps = np.zeros((1, 2, 2, 16), "float32")
    maps[0, 0, 0, 0] = 4.0  # mean 1, maximum 4 in channel 0
    layer = CBAM()
    layer.build(maps.shape)
    squeeze = np.zeros((16, 4), "float32")
    squeeze[0, 0] = 1.0
    excite = np.zeros((4, 16), "float32")
    excite[0, 0] = 0.5
    layer.squeeze.set_weights([squeeze, np.zeros(4)])
    layer.excite.set_weights([excite, np.zeros(16)])
    gated = np.array(layer(maps))
    channel_gate = 1 / (1 + np.exp(-(0.5 * 1 + 0.5 * 4)))
    assert gated[0, 0, 0, 0] == pytest.approx(4.0 * channel_gate * 0.5, rel=1e-5)
    assert np.count_nonzero(gated) == 1


def test_spatial_gate_looks_at_maximum_and_mean_across_channels():
    maps = np.random.default_rng(0).uniform(0, 1, (1, 9, 9, 8)).astype("float32")
    layer = CBAM()
    layer.build(maps.shape)
    kernel = np.zeros((7, 7, 2, 1), "float32")
    kernel[3, 3, :, 0] = (1.0, 2.0)
    layer.place.set_weights([kernel])
    layer.place_norm.set_weights([np.array([value]) for value in (1.0, 0.0, 0.0, 1.0)])
    gate = np.array(layer._spatial_gate(maps, training=False))[..., 0]
    expected = 1 / (1 + np.exp(-(maps.max(-1) + 2 * maps.mean(-1)) / np.sqrt(1 + 1e-5)))
    np.testing.assert_allclose(gate, expected, rtol=1e-4)
