import cv2
import numpy as np
import pytest

from dfd_tf.data.preprocess import Preprocessing, too_small


def test_crop_takes_the_centre_untouched(make_pixels):
    image = make_pixels(1, 256, 256)
    views = Preprocessing(size=128).views_of(image)
    np.testing.assert_array_equal(views, image[None, 64:192, 64:192])


def test_nine_views_lie_on_a_grid_over_the_central_square(make_pixels):
    image = make_pixels(1, 200, 300)
    views = Preprocessing(size=100, views=9, native_side=200).views_of(image)
    assert views.shape == (9, 100, 100, 3)
    np.testing.assert_array_equal(views[1], image[0:100, 50:150])
    np.testing.assert_array_equal(views[4], image[100:200, 150:250])


def test_small_images_are_enlarged_and_large_ones_brought_to_the_trained_scale(make_pixels):
    policy = Preprocessing(size=128, native_side=256)
    assert policy.fitted_shape(100, 50) == (512, 256)
    assert policy.fitted_shape(223, 223) == (256, 256)
    assert policy.fitted_shape(224, 280) == (224, 280)
    assert policy.fitted_shape(512, 600) == (256, 300)
    assert policy.fitted_shape(1026, 2052) == (256, 512)
    huge = make_pixels(1, 1000, 1100)
    shrunk = cv2.resize(huge, (282, 256), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(policy.fit(huge), shrunk)


def test_resize_shows_the_whole_central_square(make_pixels):
    image = make_pixels(1, 256, 400)
    policy = Preprocessing(size=128, policy="resize")
    expected = cv2.resize(image[:, 72:328], (128, 128), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(policy.views_of(image), expected[None])
    assert Preprocessing(128, "resize", views=5).views_of(image).shape == (5, 128, 128, 3)


@pytest.mark.parametrize("policy", ["crop", "resize"])
@pytest.mark.parametrize("shape", [(33, 500), (500, 33), (129, 128), (57, 57)])
@pytest.mark.parametrize("views", [1, 5, 9])
def test_every_shape_gives_full_views(make_pixels, policy, shape, views):
    cut = Preprocessing(64, policy, views).views_of(make_pixels(0, *shape))
    assert cut.shape == (views, 64, 64, 3)
    assert cut.dtype == np.uint8


def test_says_what_is_too_small(make_pixels):
    assert too_small(make_pixels(0, 32, 32)) is None
    assert too_small(make_pixels(0, 31, 90)) == (
        "too small: 90x31 pixels, at least 32 a side are needed"
    )


@pytest.mark.parametrize("views", [1, 5, 9])
def test_windows_on_a_grid_begin_at_its_multiples_and_stay_inside(views):
    free = Preprocessing(64, views=views).windows(150, 131)
    aligned = Preprocessing(64, views=views, grid=8).windows(150, 131)
    for before, window in zip(free, aligned, strict=True):
        assert window == (before.top // 8 * 8, before.left // 8 * 8, 64)
    whole = Preprocessing(64, "resize", views)
    assert Preprocessing(64, "resize", views, grid=8).windows(150, 131) == whole.windows(150, 131)
