import cv2
import matplotlib
import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from dfd_tf.data.images.decode import read_image
from dfd_tf.faces import FaceFinder

HOPPER = (600, 512)
FACE = (158, 120, 216)  # left, top and side of the face in the picture, read off by eye


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


@pytest.fixture(scope="module")
def hopper():
    return read_image(matplotlib.get_data_path() + "/sample_data/grace_hopper.jpg")


def overlap(face, left, top, side):
    """Intersection over union of a face's box and a square."""
    width = min(face.left + face.width, left + side) - max(face.left, left)
    height = min(face.top + face.height, top + side) - max(face.top, top)
    shared = max(0, width) * max(0, height)
    return shared / (face.width * face.height + side * side - shared)


def test_finds_the_face_of_a_portrait_where_it_is(finder, hopper):
    assert hopper.shape[:2] == HOPPER
    (face,) = finder.find(hopper)
    assert overlap(face, *FACE) > 0.7
    assert face.confidence > 0.8


def test_finds_a_face_that_fills_the_picture(finder, hopper):
    left, top, side = FACE
    tight = hopper[top : top + side, left : left + side]
    assert overlap(finder.find(tight)[0], 0, 0, side) > 0.7


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_finds_none_where_there_is_none(finder, name):
    assert finder.find(load_sample_image(name)) == []


def test_finds_small_faces_in_a_large_photo_largest_first(finder, hopper):
    photo = np.full((2400, 3200, 3), 90, np.uint8)
    for side, left, top in [(300, 300, 1800), (400, 2500, 400)]:
        small = cv2.resize(hopper[:512], (side, side), interpolation=cv2.INTER_AREA)
        photo[top : top + side, left : left + side] = small
    faces = finder.find(photo)
    assert len(faces) == 2
    for face, (side, left, top) in zip(faces, [(400, 2500, 400), (300, 300, 1800)], strict=True):
        scale = side / 512
        at = (left + FACE[0] * scale, top + FACE[1] * scale, FACE[2] * scale)
        assert overlap(face, *at) > 0.5


@pytest.mark.parametrize("shape", [(32, 32), (33, 900), (900, 33)])
def test_any_shape_is_taken(finder, shape):
    assert finder.find(np.zeros((*shape, 3), np.uint8)) == []
