import keras
import numpy as np
import pytest

from dfd_tf.models.blocks import (
    block_type_1,
    block_type_2,
    block_type_3,
    block_type_4,
    grouped_block_type_1,
)


def built(block, channels=4, side=7):
    maps = keras.Input((side, side, channels))
    return keras.Model(maps, block(maps))


def noise(channels=4, side=7):
    return np.random.default_rng(0).normal(size=(1, side, side, channels)).astype("float32")


def only(model, *paths):
    """Zero every kernel but those whose layer is named."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D) and layer.name not in paths:
            layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (lambda x: block_type_1(x, 8, "b", 0.9), 9 * 4 * 8 + 2 * 8),
        (lambda x: grouped_block_type_1(x, 8, 2, "b", 0.9), 9 * 2 * 8 + 2 * 8),
        (lambda x: block_type_2(x, "b", 0.9), 2 * (9 * 4 * 4 + 2 * 4)),
        (lambda x: block_type_3(x, 8, "b", 0.9), 9 * 4 * 8 + 9 * 8 * 8 + 4 * 8 + 3 * 2 * 8),
        (lambda x: block_type_4(x, "b", 0.9), 9 * 4 * 4 + 4 * 4 + 2 * 2 * 4),
    ],
)
def test_convolutions_have_no_bias(block, expected):
    weights = built(block).trainable_weights
    assert sum(int(np.prod(weight.shape)) for weight in weights) == expected


def test_type_2_adds_to_what_it_got_and_nothing_follows():
    model = built(lambda x: block_type_2(x, "b", 0.9))
    only(model)
    np.testing.assert_allclose(model(noise()), noise())  # negative values pass


def test_groups_do_not_see_each_other():
    model = built(lambda x: grouped_block_type_1(x, 4, 2, "b", 0.9))
    x = noise()
    changed = x.copy()
    changed[..., 2:] += 1
    before, after = np.array(model(x)), np.array(model(changed))
    np.testing.assert_array_equal(before[..., :2], after[..., :2])
    assert np.abs(before[..., 2:] - after[..., 2:]).max() > 0.01


@pytest.mark.parametrize(("side", "half"), [(8, 4), (7, 4)])
def test_type_3_averages_as_pytorch_does_and_its_shortcut_reads_even_pixels(side, half):
    model = built(lambda x: block_type_3(x, 1, "b", 0.9), channels=1, side=side)
    one = np.zeros((3, 3, 1, 1), "float32")
    one[1, 1] = 1.0
    for name in ("b_1_conv", "b_2_conv"):
        model.get_layer(name).set_weights([one])
    model.get_layer("b_shortcut_conv").set_weights([np.full((1, 1, 1, 1), 100.0)])
    x = np.abs(noise(1, side))
    padded = np.pad(x[0, :, :, 0], 1)
    expected = [
        [padded[2 * r : 2 * r + 3, 2 * c : 2 * c + 3].sum() / 9 for c in range(half)]
        for r in range(half)
    ]
    got = np.array(model(x))[0, :, :, 0]
    # The tolerance covers untrained normalisations, each a factor of 1 / sqrt(1 + 1e-5).
    np.testing.assert_allclose(got, expected + 100 * x[0, ::2, ::2, 0], rtol=1e-4)


def test_type_4_is_a_vector_of_averages():
    assert built(lambda x: block_type_4(x, "b", 0.9)).output_shape == (None, 4)
