"""Faces of a folder of photos as files."""

import csv

import matplotlib
import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.images.decode import read_image
from dfd_tf.errors import UserError
from dfd_tf.faces import FaceCutter, Framing
from dfd_tf.faces.cut_files import cut_files

PORTRAIT = matplotlib.get_data_path() + "/sample_data/grace_hopper.jpg"
FRAMING = Framing(side=1.4, widest=1.6, lift=0.0, n=100)


@pytest.fixture
def photos(tmp_path):
    root = tmp_path / "photos"
    (root / "real").mkdir(parents=True)
    portrait = Image.open(PORTRAIT).convert("RGB")
    portrait.save(root / "real" / "a.png")
    portrait.crop((0, 100, 512, 600)).save(root / "real" / "a.bmp")
    Image.fromarray(np.zeros((90, 90, 3), np.uint8)).save(root / "none.png")
    (root / "torn.jpg").write_bytes(b"\xff\xd8\xff no more")
    return root


def test_every_photo_has_its_face_or_a_reason(photos, tmp_path):
    done = cut_files(photos, tmp_path / "faces", FRAMING, progress=False)
    assert {cut.photo for cut in done.left_out} == {"none.png", "torn.jpg"}
    with (tmp_path / "faces" / "faces.csv").open(newline="") as file:
        rows = {row["photo"]: row for row in csv.DictReader(file)}
    assert len(rows) == 4
    assert rows["none.png"]["reason"] == "no face found"
    assert {row["face"] for row in rows.values() if row["face"]} == {
        "real/a.png",
        "real/a.png.png",
    }
    image = read_image(photos / "real" / "a.png")
    expected = FaceCutter(FRAMING, always=True)(image)[0]
    written = read_image(tmp_path / "faces" / rows["real/a.png"]["face"])
    np.testing.assert_array_equal(written, expected.image)
    assert int(rows["real/a.png"]["left"]) == expected.box.left


def test_a_folder_that_is_there_is_kept(photos, tmp_path):
    (tmp_path / "faces").mkdir()
    for out in (tmp_path / "faces", photos / "faces"):
        with pytest.raises(UserError, match="name another folder"):
            cut_files(photos, out, FRAMING, progress=False)
