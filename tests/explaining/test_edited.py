import numpy as np
import pytest

from dfd_tf.demo import demo_dataset
from dfd_tf.explaining.edited import PART_BOXES, edited_region, shares_inside


def test_names_of_ciplab_fakes_tell_the_part():
    region = edited_region("set/training_fake/easy_7_0100.jpg", 200, 100)
    left, top, right, bottom = PART_BOXES["right_eye"]
    assert region[int(200 * (top + bottom) / 2), int(100 * (left + right) / 2)] == 1
    assert region.mean() == pytest.approx((right - left) * (bottom - top), rel=0.05)
    assert region[:, :50].sum() == 0


@pytest.mark.parametrize(
    "path", ["holiday/easy_7_0100.jpg", "training_real/real_1.jpg", "training_fake/other.jpg"]
)
def test_of_other_images_nothing_is_known(path):
    assert edited_region(path, 20, 20) is None


def test_demo_fakes_have_their_mask(tmp_path):
    folder = demo_dataset(tmp_path, n_train=0, n_valid=0, n_test=6, progress=False)
    splice = next((folder / "test" / "fake").glob("*_spliced.jpg"))
    region = edited_region(splice, 256, 256)
    assert region.shape == (256, 256)
    assert 0.02 < region.mean() < 0.6
    assert region.max() == 1
    assert edited_region(splice, 128, 128) is None
    photo = next((folder / "test" / "real").iterdir())
    assert edited_region(photo, 256, 256) is None


def test_shares_count_what_was_seen_only():
    heat = np.ones((4, 4), np.float32)
    heat[0] = 5
    region = np.zeros((4, 4), np.float32)
    region[:2] = 1
    seen = np.zeros((4, 4), bool)
    seen[:, :2] = True
    shares = shares_inside(heat, seen, region)
    assert shares.area == 0.5
    assert shares.heat == pytest.approx(12 / 16)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_no_shares_of_nothing_and_of_everything(value):
    region = np.full((4, 4), value, np.float32)
    heat = np.ones((4, 4), np.float32)
    assert shares_inside(heat, heat > 0, region) is None
    assert shares_inside(0 * heat, heat > 0, np.eye(4, dtype=np.float32)) is None
