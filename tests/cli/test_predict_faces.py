import json

import cv2
import matplotlib
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from dfd_tf.data.images.decode import read_image

PORTRAIT = matplotlib.get_data_path() + "/sample_data/grace_hopper.jpg"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    portrait = read_image(PORTRAIT)
    small = cv2.resize(portrait, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    pair = cv2.hconcat([small, small[:, ::-1]])
    pictures = {
        "landscape": load_sample_image("china.jpg"),
        "pair": pair,
        "portrait": portrait,
        "tight": portrait[80:380, 116:416],
    }
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "torn.png").write_bytes(b"no image")
    return folder


def judged(dfd, framed, photos, faces):
    done = dfd("predict", photos, "--model", framed, "--faces", faces, "--format", "json")
    rows = json.loads(done.stdout)
    names = [row["path"].rpartition("/")[2].removesuffix(".png") for row in rows]
    return done.returncode, names, rows


def test_auto_cuts_faces_out_where_needed(dfd, framed, photos):
    code, names, rows = judged(dfd, framed, photos, "auto")
    assert code == 1
    assert names == ["landscape", "pair", "pair", "portrait", "tight", "torn"]
    landscape, left, right, portrait, tight, torn = rows
    assert (landscape["verdict"], landscape["score"]) == ("no face", None)
    assert landscape["reason"] == "no face found"
    assert torn["verdict"] == "error"
    assert {abs(face["face"]["left"] - 95) < 20 for face in (left, right)} == {True, False}
    assert abs(portrait["face"]["left"] - 158) < 20 and abs(portrait["face"]["top"] - 122) < 20
    assert tight["face"] is None and 0 <= tight["score"] <= 1


def test_whole_judges_every_image_as_it_is(dfd, framed, photos):
    _, names, rows = judged(dfd, framed, photos, "whole")
    assert names == ["landscape", "pair", "portrait", "tight", "torn"]
    assert all(row["face"] is None for row in rows)
    auto = judged(dfd, framed, photos, "auto")[2]
    assert rows[3]["score"] == auto[4]["score"]
    assert rows[2]["score"] != auto[3]["score"]


def test_detect_cuts_always(dfd, framed, photos):
    rows = judged(dfd, framed, photos, "detect")[2]
    assert rows[4]["face"] is not None


def test_faces_cannot_be_cut_for_a_detector_that_never_saw_any(dfd, run, photos):
    done = dfd("predict", photos, "--model", run, "--faces", "detect")
    assert done.returncode == 2
    assert "--faces whole" in done.stderr
