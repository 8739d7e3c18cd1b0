import itertools
import json

from PIL import Image


def test_says_what_is_wrong_and_what_to_do(tool, make_pixels, tmp_path):
    def save_all(quality_of_fakes):
        for seed, (split, label, i) in enumerate(
            itertools.product(("train", "test"), ("real", "fake"), range(8))
        ):
            quality = quality_of_fakes if label == "fake" else 90
            path = tmp_path / "set" / split / label / f"{i}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(make_pixels(seed, 64, 64)).save(path, quality=quality)

    root = tmp_path / "set"
    save_all(80)
    done = tool("audit", "--data", root, "--out", tmp_path / "audit", "--quiet")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "JPEG quantisation tables" in done.stdout
    assert "dfd prepare --harmonise" in " ".join(done.stdout.split())
    assert json.loads((tmp_path / "audit" / "audit.json").read_text())["trustworthy"] is False
    save_all(90)
    done = tool("audit", "--data", root, "--out", tmp_path / "again", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_without_a_dataset_is_explained(dfd, tmp_path):
    done = dfd("audit", "--data", tmp_path, "--out", tmp_path / "audit")
    assert done.returncode == 2
    assert "no known dataset layout" in done.stderr
