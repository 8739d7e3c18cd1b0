import numpy as np
import pytest

from dfd_tf.faces import Face, Framing, measure_framing

FRAMING = Framing(side=1.5, widest=2.0, lift=0.1, n=9)


def face(left, top, side):
    return Face(left, top, side, side * 0.9, 0.9)


def image(height, width):
    return np.zeros((height, width, 3), np.uint8)


def test_window_has_the_framing_s_size_and_lift():
    assert FRAMING.window(image(1000, 1000), face(400, 400, 200)) == (320, 350, 300)


@pytest.mark.parametrize(
    "at, expected",
    [((0, 0, 200), (0, 0, 300)), ((800, 900, 200), (700, 700, 300))],
)
def test_window_stays_inside_the_image(at, expected):
    assert FRAMING.window(image(1000, 1000), face(*at)) == expected


def test_window_is_no_larger_than_the_image():
    assert FRAMING.window(image(240, 500), face(100, 20, 200)) == (0, 80, 240)


@pytest.mark.parametrize(
    "faces, shown",
    [
        ([], False),
        ([face(0, 0, 100)], True),
        ([face(0, 0, 99)], False),
        ([face(0, 0, 120), face(150, 0, 59)], True),
        ([face(0, 0, 120), face(130, 0, 61)], False),
    ],
)
def test_shows_images_framed_as_in_training_around_one_face(faces, shown):
    assert FRAMING.shows(image(200, 300), faces) is shown


class Finder:
    """Finds faces of given sides, one an image."""

    def __init__(self, *sides):
        self.sides = iter(sides)

    def find(self, image):
        side = next(self.sides)
        return [Face(10, 60, side, side, 1.0)] if side else []


def test_framing_is_the_median_of_what_is_found():
    framing = measure_framing([image(200, 200)] * 6, Finder(50, 100, None, 80, 40, 125))
    assert (framing.side, framing.n) == (2.5, 5)
    assert framing.lift == pytest.approx(0.0)
    assert framing.widest == pytest.approx(np.percentile([4, 2, 2.5, 5, 1.6], 99), abs=1e-3)


def test_pictures_of_something_else_have_no_framing():
    assert measure_framing([image(200, 200)] * 4, Finder(50, 50, 50, None)) is None
    assert measure_framing([], Finder()) is None
