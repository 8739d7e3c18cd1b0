import numpy as np
import pytest
from PIL import Image

from dfd_tf.auditing.image_hash import BITS, difference_hash, hamming, near_pairs


@pytest.fixture
def hashes():
    """A thousand random hashes, two hundred of which are copies with 1 to 14 bits turned."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (1000, BITS), dtype=np.uint8)
    for row in range(200):
        bits[row] = bits[999 - row]
        turned = rng.choice(BITS, rng.integers(1, 15), replace=False)
        bits[row, turned] ^= 1
    bits[200:220] = bits[200]  # a crowd of look-alikes that share nearly every band
    bits[np.arange(200, 220), np.arange(20)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64)


@pytest.mark.parametrize("distance", [0, 1, 10, 14])
def test_finds_the_pairs_that_comparing_all_finds(hashes, distance):
    pairs, distances = near_pairs(hashes, distance)
    all_distances = hamming(hashes[:, None], hashes[None])
    expected = np.argwhere(np.triu(all_distances <= distance, k=1))
    np.testing.assert_array_equal(pairs, expected)
    np.testing.assert_array_equal(distances, all_distances[tuple(expected.T)])
    assert len(pairs) > 100 or distance < 10


def test_nothing_to_compare():
    for n in (0, 1):
        pairs, distances = near_pairs(np.zeros((n, 4), np.uint64))
        assert pairs.shape == (0, 2) and distances.shape == (0,)


def test_hash_survives_size_and_tone_but_not_another_picture(make_pixels):
    picture = make_pixels(1, 256, 256)
    smaller = np.asarray(Image.fromarray(picture).resize((120, 120), Image.Resampling.LANCZOS))
    darker = (picture * 0.9).astype(np.uint8)
    own = difference_hash(picture)
    assert hamming(own, difference_hash(smaller)) <= 10
    assert hamming(own, difference_hash(darker)) <= 10
    assert hamming(own, difference_hash(make_pixels(2, 256, 256))) > 60
