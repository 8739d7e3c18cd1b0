"""Photos that lie on a side, and no word in the file."""

import matplotlib
import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from dfd_tf.data.images.decode import read_image
from dfd_tf.faces import Face, FaceCutter, FaceFinder, Framing
from dfd_tf.faces.turns import Look, look

FRAMING = Framing(side=1.5, widest=1.6, lift=0.1, n=9)


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


@pytest.fixture(scope="module")
def hopper():
    return read_image(matplotlib.get_data_path() + "/sample_data/grace_hopper.jpg")


@pytest.mark.parametrize("turns", range(4))
def test_a_lying_face_is_found_upright_and_told_where_it_lies(finder, hopper, turns):
    (upright,) = finder.find(hopper)
    lying = np.ascontiguousarray(np.rot90(hopper, turns))
    seen = look(finder, lying)
    assert (seen.turns + turns) % 4 == 0
    np.testing.assert_array_equal(seen.image, hopper)
    assert seen.faces == [upright]
    box = seen.as_stored(upright)
    # The same pixels, seen from either side.
    here = cut(lying, box)
    there = cut(hopper, upright)
    np.testing.assert_array_equal(np.rot90(here, -turns), there)


def cut(image, face):
    top, left = round(face.top), round(face.left)
    return image[top : round(face.top + face.height), left : round(face.left + face.width)]


@pytest.mark.parametrize(
    ("turns", "box"),
    [(0, (2, 3, 4, 5)), (1, (42, 2, 5, 4)), (2, (94, 42, 4, 5)), (3, (3, 94, 5, 4))],
)
def test_boxes_of_a_photo_that_is_100_wide_once_it_is_upright(turns, box):
    seen = Look(np.zeros((50, 100, 3), np.uint8), [], turns)
    assert seen.as_stored(Face(2, 3, 4, 5, 0.9)) == (*box, 0.9)


@pytest.mark.parametrize("turns", range(4))
def test_the_cutter_hands_on_the_upright_face(hopper, turns):
    cutter = FaceCutter(FRAMING, always=True)
    (expected,) = cutter(hopper)
    (piece,) = cutter(np.ascontiguousarray(np.rot90(hopper, turns)))
    np.testing.assert_array_equal(piece.image, expected.image)
    assert sorted(piece.box[2:]) == sorted(expected.box[2:])


def test_a_photo_framed_as_in_training_is_handed_on_upright(finder, hopper):
    wide = Framing(side=3.0, widest=9.0, lift=0.1, n=9)
    (piece,) = FaceCutter(wide, always=False)(np.ascontiguousarray(np.rot90(hopper)))
    np.testing.assert_array_equal(piece.image, hopper)
    assert piece.box is None


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_no_turn_shows_a_face_where_there_is_none(finder, name):
    seen = look(finder, load_sample_image(name))
    assert (seen.faces, seen.turns) == ([], 0)


class Finder:
    """Finds a face of given confidence in each look, none at 0; counts the looks."""

    def __init__(self, *confidences):
        self.confidences, self.looks = confidences, 0

    def find(self, image):
        confidence = self.confidences[self.looks]
        self.looks += 1
        return [Face(1, 2, 3, 4, confidence)] if confidence else []


@pytest.mark.parametrize(
    ("confidences", "turns", "looks"),
    [
        ((0.85,), 0, 1),  # sure at once
        ((0.6, 0.69, 0.5, 0.6), 0, 4),  # not ahead enough
        ((0.6, 0.5, 0.72, 0.9), 3, 4),
        ((0, 0, 0.65, 0), 0, 4),  # no more than what is no face reaches
        ((0, 0.75, 0, 0.6), 1, 4),
        ((0, 0, 0, 0), 0, 4),
    ],
)
def test_a_turn_is_taken_only_for_a_surer_face(confidences, turns, looks):
    finder = Finder(*confidences)
    assert look(finder, np.zeros((40, 60, 3), np.uint8)).turns == turns
    assert finder.looks == looks
