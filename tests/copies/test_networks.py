from pathlib import Path

import keras
import numpy as np
import pytest

from dfd_tf.copies.networks import open_network
from dfd_tf.copies.taef2 import DECODER, ENCODER, build_taef2
from dfd_tf.errors import UserError

WEIGHTS = Path(__file__).parents[3] / "shared" / "weights"
IMAGE = np.random.default_rng(0).integers(0, 256, (37, 50, 3), dtype=np.uint8)


def save(path, change):
    pixels = keras.Input((None, None, 3))
    keras.Model(pixels, change(pixels)).save(path)
    return f"keras:{path}"


def test_any_keras_model_of_images_makes_copies_of_any_size(tmp_path):
    name = save(tmp_path / "halve.keras", keras.layers.Rescaling(0.5))
    np.testing.assert_array_equal(open_network(name)(IMAGE), np.rint(IMAGE / 2).astype(np.uint8))


def test_a_model_of_another_size_is_refused(tmp_path):
    name = save(tmp_path / "double.keras", keras.layers.UpSampling2D(2))
    with pytest.raises(UserError, match="as large as the photos"):
        open_network(name)(IMAGE)


def test_the_control_loses_detail_and_keeps_the_size():
    copy = open_network("resize")(IMAGE)
    assert copy.shape == IMAGE.shape
    assert copy.std() < IMAGE.std()


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("taef3:x", "did you mean 'taef2'"),
        ("taef2", "expected taef2:FOLDER"),
        ("resize:x", "expected taef2:FOLDER"),
        ("keras:nowhere.h5", "ends in .keras"),
        ("taef2:.", "has no taef2_encoder.pth"),
    ],
)
def test_what_is_no_network_is_named(name, answer):
    with pytest.raises(UserError, match=answer):
        open_network(name)


def test_a_damaged_model_is_an_error_in_words(tmp_path):
    (tmp_path / "half.keras").write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match="cannot be loaded"):
        open_network(f"keras:{tmp_path / 'half.keras'}")


def test_taef2_has_the_published_shape():
    assert build_taef2().count_params() == 1_338_528 + 1_338_499  # as its two files have


@pytest.mark.skipif(not (WEIGHTS / ENCODER).is_file(), reason="needs the weights of TAEF2")
def test_taef2_copies_what_it_sees():
    y, x = np.mgrid[:64, :64]
    image = np.stack([2 * x + 60, 2 * y + 60, 120 + 40 * np.sin(x / 6)], axis=-1).astype(np.uint8)
    copy = open_network(f"taef2:{WEIGHTS}")(image)
    assert np.mean((copy.astype(float) - image) ** 2) < 255**2 / 10**2.5  # 25 dB


@pytest.mark.skipif(not (WEIGHTS / ENCODER).is_file(), reason="needs the weights of TAEF2")
def test_exchanged_files_are_named(tmp_path):
    for name, other in ((ENCODER, DECODER), (DECODER, ENCODER)):
        (tmp_path / name).write_bytes((WEIGHTS / other).read_bytes())
    with pytest.raises(UserError, match=r"taef2_encoder\.pth holds the weights of another network"):
        open_network(f"taef2:{tmp_path}")
