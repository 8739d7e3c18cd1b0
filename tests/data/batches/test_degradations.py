import cv2
import numpy as np
import pytest

from dfd_tf.data.batches import degradations as degrade


@pytest.fixture
def image(make_pixels):
    return make_pixels(3, 48, 64)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: degrade.jpeg(image, 60),
        lambda image: degrade.webp(image, 80),
        lambda image: degrade.blur(image, 1.0),
        lambda image: degrade.resize(image, 0.5),
        lambda image: degrade.noise(image, 4.0, np.random.default_rng(0)),
        degrade.social,
    ],
    ids=["jpeg", "webp", "blur", "resize", "noise", "social"],
)
def test_changes_the_pixels_but_neither_shape_nor_colour(image, change):
    before = image.copy()
    changed = change(image)
    assert changed.shape == image.shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, image)
    np.testing.assert_array_equal(image, before)
    # A swap of red and blue, the classic slip with OpenCV, would move these means.
    np.testing.assert_allclose(changed.mean((0, 1)), image.mean((0, 1)), atol=2.5)


def test_jpeg_is_the_encoder_that_opencv_has(image):
    encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    expected = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(degrade.jpeg(image, 70), expected)


def test_noise_has_the_stated_strength():
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = degrade.noise(grey, 5.0, np.random.default_rng(0))
    assert noisy.astype(float).std() == pytest.approx(5.0, rel=0.02)


def test_blur_spreads_a_point_by_its_sigma():
    point = np.zeros((61, 61, 3), np.uint8)
    point[30, 30] = 255
    profile = degrade.blur(point, 1.0)[30, :, 0].astype(float)
    assert profile[30] / 255 == pytest.approx(1 / (2 * np.pi), abs=0.01)


def test_the_same_generator_state_gives_the_same_degradation(image):
    kinds = degrade.DEGRADATIONS
    one, same, other = (
        degrade.degrade_randomly(image, kinds, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(
        degrade.degrade_randomly(image, (), np.random.default_rng(1)), image
    )
