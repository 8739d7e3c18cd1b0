import pytest

from dfd_tf.errors import UserError
from dfd_tf.training.lost_images import lost_images_named


def test_a_lost_image_is_named_in_place_of_what_came_of_it(tmp_path):
    there, gone = tmp_path / "there.jpg", tmp_path / "gone.jpg"
    there.write_bytes(b"x")
    with (
        pytest.raises(UserError, match=r"gone.jpg could be read.*no such file.*--resume"),
        lost_images_named([str(there), str(gone)]),
    ):
        raise RuntimeError("a screenful of a graph")


def test_other_faults_stay_what_they_are(tmp_path):
    there = tmp_path / "there.jpg"
    there.write_bytes(b"x")
    with pytest.raises(RuntimeError), lost_images_named([str(there)]):
        raise RuntimeError("another")
