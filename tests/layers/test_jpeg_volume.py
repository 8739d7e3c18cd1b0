import io

import keras
import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from dfd_tf.layers import CoefficientVolume, QuantisedLumaDCT
from dfd_tf.layers.jpeg_table import quantisation_table
from dfd_tf.layers.jpeg_volume import LUMA


def texture(side=64, seed=0):
    """Grey noise with more of the low frequencies, as photographs have."""
    rng = np.random.default_rng(seed)
    fine = rng.normal(0, 12, (side, side))
    coarse = np.kron(rng.normal(0, 30, (side // 8, side // 8)), np.ones((8, 8)))
    return np.clip(128 + fine + coarse, 0, 255).round().astype("uint8")


def jpeg(grey, quality):
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def as_input(grey):
    return np.repeat(grey[None, :, :, None], 3, axis=-1).astype("float32")


@pytest.mark.parametrize("quality", [10, 50, 75, 90, 100])
def test_tables_are_those_of_libjpeg(quality):
    table = jpeg(texture(8), quality).quantization[0]
    np.testing.assert_array_equal(quantisation_table(quality).ravel(), table)


def test_plane_is_the_rounded_quotient_of_scipys_coefficients():
    x = np.random.default_rng(0).uniform(0, 255, (1, 16, 24, 3)).astype("float32")
    plane = np.array(QuantisedLumaDCT(75)(x))
    assert plane.shape == (1, 16, 24, 2)
    assert not plane[..., 1].any()
    luma = np.round(x[0] @ LUMA) - 128
    quotient = dctn(luma[8:16, 16:24], norm="ortho") / quantisation_table(75)
    np.testing.assert_allclose(plane[0, 8:16, 16:24, 0], quotient.round())


def test_plane_returns_the_coefficients_of_a_file_on_its_own_grid_only():
    """Decoded and quantised again by its own table, a JPEG hardly changes; shifted, it does."""
    decoded = np.array(jpeg(texture(), 60))
    table = quantisation_table(60)

    def distance(grey):
        blocks = grey.reshape(grey.shape[0] // 8, 8, -1, 8).transpose(0, 2, 1, 3) - 128.0
        exact = dctn(blocks, axes=(2, 3), norm="ortho") / table
        plane = np.array(QuantisedLumaDCT(60)(as_input(grey)))[0, :, :, 0]
        rounded = plane.reshape(grey.shape[0] // 8, 8, -1, 8).transpose(0, 2, 1, 3)
        return np.abs(exact - rounded).mean()

    assert distance(decoded) < 0.03
    assert distance(decoded[4:-4, 4:-4]) > 0.1


def test_sides_must_hold_whole_blocks():
    with pytest.raises(ValueError, match="multiples of 8, got 16x20"):
        QuantisedLumaDCT()(np.zeros((1, 16, 20, 3), "float32"))


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_volume_has_one_map_for_each_absolute_value_and_the_last_for_the_rest(dtype):
    values, missing = [0, 1, -1, 9, -9, 10, -11, 300, 0, 0], [0] * 8 + [1] * 2
    plane = np.stack([values, missing], axis=-1).reshape(1, 2, 5, 2).astype("float32")
    volume = np.reshape(
        keras.ops.cast(CoefficientVolume(10, dtype=dtype)(plane), "float32"), (10, 12)
    )
    np.testing.assert_array_equal(volume.argmax(-1), [0, 1, 1, 9, 9, 10, 10, 10, 11, 11])
    np.testing.assert_array_equal(volume.sum(-1), np.ones(10))


def test_volume_of_a_texture_is_dense():
    """Every map is used; a transform of the whole image instead of blocks leaves them empty."""
    volume = np.array(CoefficientVolume()(QuantisedLumaDCT(90)(as_input(texture(128)))))
    assert (volume.sum(axis=(0, 1, 2))[:11] > 50).all()
    assert not volume[..., 11].any()


@pytest.mark.parametrize("layer", [QuantisedLumaDCT(75, name="a"), CoefficientVolume(5, name="b")])
def test_config_round_trip_keeps_every_argument(layer):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()
