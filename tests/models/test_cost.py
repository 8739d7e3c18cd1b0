import keras
import pytest
from keras import layers

from dfd_tf.layers import CBAM
from dfd_tf.models import build_model
from dfd_tf.models.cost import cost_of


def test_amtenet_by_hand():
    amten = (3 * 81 + 2 * 324) * 128**2  # three 3 -> 3 and two 6 -> 6 convolutions of 3x3
    stages = 9 * 12 * 24 * 128**2 + 9 * 24 * 48 * 62**2 + 9 * 48 * 64 * 29**2 + 64 * 128 * 14**2
    dense = 6272 * 300 + 300 * 300 + 300
    cost = cost_of(build_model("amtenet"))
    assert cost.multiply_adds == amten + stages + dense == 123_749_564
    assert (cost.trainable, cost.parameters) == (2_022_746, 2_023_018)


def test_amtenet_with_padded_convolutions_costs_the_129_million_of_the_students_variant():
    # SPEC 1.1; padded and pooled `valid` their stages see 63², 31² and 15² places.
    wider = 9 * 24 * 48 * (63**2 - 62**2) + 9 * 48 * 64 * (31**2 - 29**2) + 8192 * (15**2 - 14**2)
    assert round((cost_of(build_model("amtenet")).multiply_adds + wider) / 1e6) == 129


# SPEC 1.2, in millions; its two-unit heads differ by less than the rounding.
@pytest.mark.parametrize(
    ("version", "size", "millions"), [("v1", 64, 2014), ("v3", 64, 53), ("v3", 128, 251)]
)
def test_sffn_as_published(version, size, millions):
    cost = cost_of(build_model("sffn", version=version, input_size=size))
    assert round(cost.multiply_adds / 1e6) == millions


def test_cbam_by_hand():
    maps = keras.Input((5, 7, 64))
    model = keras.Model(maps, CBAM(name="cbam")(maps))
    assert cost_of(model).multiply_adds == 2 * (64 * 4 + 4 * 64) + 98 * 5 * 7


def test_grouped_depthwise_and_separable_convolutions():
    maps = keras.Input((8, 8, 4))
    x = layers.Conv2D(6, 3, groups=2, padding="same")(maps)  # 9 * 2 * 6 at 64 places
    x = layers.DepthwiseConv2D(3)(x)  # 9 * 6 at 36 places
    x = layers.SeparableConv2D(5, 3, padding="same")(x)  # 9 * 6 + 6 * 5 at 36 places
    expected = 9 * 2 * 6 * 64 + 9 * 6 * 36 + (9 * 6 + 6 * 5) * 36
    assert cost_of(keras.Model(maps, x)).multiply_adds == expected


def test_a_layer_of_unknown_cost_is_named():
    steps = keras.Input((5, 3))
    model = keras.Model(steps, layers.GRU(2, name="gru")(steps))
    with pytest.raises(TypeError, match="'gru'"):
        cost_of(model)
