import cv2
import numpy as np
import pytest

from dfd_tf.data.batches.pseudo_fakes import PSEUDO_FAKES, forge, resampled, self_blended
from dfd_tf.data.preprocess import Window

WHOLE = Window(0, 0, 96)


@pytest.fixture
def photo():
    rng = np.random.default_rng(5)
    return cv2.GaussianBlur(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8), (0, 0), 1.0)


def changed(photo, window, seed):
    made = self_blended(photo, window, np.random.default_rng(seed))
    assert made.shape == (window.side, window.side, 3)
    assert made.dtype == np.uint8
    return (made != window.cut(photo)).any(-1)


def test_only_the_middle_of_the_face_is_blended(photo):
    where = np.mean([changed(photo, WHOLE, seed) for seed in range(60)], axis=0)
    # Eyes to chin, as the recipe of FFHQ places them; corners and rim stay the photo's.
    assert where[60:70, 40:56].min() > 0.4
    assert where[:12].max() == where[:, :8].max() == where[:, -8:].max() == 0


def test_every_window_shows_a_seam(photo):
    big = cv2.resize(photo, (400, 300))
    rng = np.random.default_rng(0)
    for seed in range(60):
        image = (photo, big)[seed % 2]
        side = (60, 100)[seed % 2]
        top, left = (int(rng.integers(n - side + 1)) for n in image.shape[:2])
        share = changed(image, Window(top, left, side), seed).mean()
        assert 0.005 < share < 0.98, seed


@pytest.mark.parametrize("kind", PSEUDO_FAKES)
def test_the_same_generator_state_repeats_and_the_photo_stays(photo, kind):
    before = photo.copy()
    one, same, other = (
        forge(kind, photo, WHOLE, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(photo, before)


def lattice(image):
    """Energy at the highest horizontal frequency, where up-sampling by two leaves its line."""
    spectrum = np.abs(np.fft.rfft2(image.mean(-1) - image.mean()))
    return spectrum[:, -1].sum() / spectrum.sum()


@pytest.mark.parametrize("shape", [(96, 96), (81, 95)])
def test_resampling_leaves_a_lattice_and_the_colours(photo, shape):
    image = photo[: shape[0], : shape[1]]
    made = [resampled(image, np.random.default_rng(seed)) for seed in range(20)]
    assert {m.shape for m in made} == {image.shape}
    np.testing.assert_allclose(np.mean(made, axis=(0, 1, 2)), image.mean((0, 1)), atol=2.5)
    if shape[1] % 2 == 0:
        assert np.median([lattice(m) for m in made]) > 2 * lattice(image)
