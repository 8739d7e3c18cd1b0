import keras
import numpy as np
import pytest

from dfd_tf.layers import SelfAttention, Tokens, quick_gelu

RNG = np.random.default_rng(0)


def test_attention_is_that_of_keras_without_its_projections():
    theirs = keras.layers.MultiHeadAttention(2, 3, use_bias=False)
    x = RNG.normal(size=(2, 5, 6)).astype("float32")
    theirs.build(x.shape, x.shape)
    for kernel in theirs.weights:
        kernel.assign(np.eye(6).reshape(kernel.shape))
    np.testing.assert_allclose(SelfAttention(2)(x, x, x), theirs(x, x), atol=1e-6)


def test_where_all_keys_agree_the_values_are_averaged():
    same, values = np.ones((1, 3, 4), "float32"), RNG.normal(size=(1, 3, 4)).astype("float32")
    mixed = np.array(SelfAttention(2)(same, same, values))
    np.testing.assert_allclose(mixed, values.mean(1, keepdims=True).repeat(3, 1), rtol=1e-5)


def test_tokens_come_first_and_know_their_place():
    layer = Tokens()
    patches = RNG.normal(size=(2, 3, 4)).astype("float32")
    out = np.array(layer(patches))
    token, places = layer.get_weights()
    np.testing.assert_allclose(out[0, 0], token + places[0], rtol=1e-6)
    np.testing.assert_allclose(out[:, 1:], patches + places[1:], rtol=1e-6)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1.0, 0.845795), (-2.0, -0.064338)])
def test_quick_gelu_by_hand(x, y):
    assert float(quick_gelu(keras.ops.array(x))) == pytest.approx(y, abs=1e-5)


def test_cost_of_attention_by_hand():
    # 5 x 5 pairs of tokens, 6 products each, for the agreement and again for the mixture.
    assert SelfAttention(2).multiply_adds([(None, 5, 6)] * 3) == 2 * 25 * 6
