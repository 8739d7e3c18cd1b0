"""`dfd video`: rows on the screen, files in a folder, and going on after an interruption."""

import csv
import io
import json

import pytest

av = pytest.importorskip("av", reason="needs the extra video: pip install '.[video]'")

from dfd_tf.data.images.decode import decode_image  # noqa: E402
from dfd_tf.demo.example import Example, render_example  # noqa: E402


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """A clip of a sitter, and a file that is none."""
    folder = tmp_path_factory.mktemp("videos")
    portrait = decode_image(render_example(Example(0, "test", 2))[0])
    with av.open(str(folder / "sitter.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.height, stream.width = portrait.shape[:2]
        for _ in range(16):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(portrait, format="rgb24")))
        container.mux(stream.encode())
    (folder / "broken.mp4").write_bytes(b"no video")
    return folder


def test_every_video_has_a_row_and_a_folder(dfd, videos, tmp_path):
    done = dfd("video", videos, "--out", tmp_path / "out", "--format", "csv")
    assert done.returncode == 1  # one file is broken
    broken, sitter = csv.DictReader(io.StringIO(done.stdout))
    assert broken["verdict"] == "error" and broken["reason"].startswith("cannot be read")
    assert sitter["verdict"] in ("real", "fake", "inconclusive")
    assert "set on photos" in done.stderr
    verdict = json.loads((tmp_path / "out" / "sitter" / "verdict.json").read_text())
    assert f"{verdict['score']:.6f}" == sitter["score"]
    for name in ("tracks.csv", "frames.csv", "segments.csv", "video.html"):
        assert (tmp_path / "out" / "sitter" / name).is_file()


def test_resuming_keeps_what_is_there(dfd, videos, tmp_path):
    dfd("video", videos, "--out", tmp_path)
    page = tmp_path / "sitter" / "video.html"
    page.write_text("kept")
    (tmp_path / "broken" / "verdict.json").unlink()
    done = dfd("video", videos, "--out", tmp_path, "--resume", "--format", "jsonl")
    assert page.read_text() == "kept"
    assert (tmp_path / "broken" / "verdict.json").is_file()
    broken = json.loads(done.stdout.splitlines()[0])
    assert broken["verdict"] == "error"


def test_wrong_usage_is_told(dfd, videos, tmp_path):
    for arguments in (["absent.mp4"], [tmp_path], [videos, "--rate", "0"], [videos, "--resume"]):
        done = dfd("video", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("dfd: ")


def test_the_sound_has_a_line_of_its_own(dfd, videos, speech_bundle, tmp_path):
    options = ("--sound-model", speech_bundle, "--model", "demo", "--out", tmp_path)
    done = dfd("video", videos / "sitter.mp4", *options)
    _, picture, sound = done.stdout.splitlines()
    assert "sound" not in picture
    assert sound.split()[:2] == ["-", "error"]
    assert sound.endswith("sound, experimental: it has no sound")
    assert "verdict on the sound is experimental" in done.stderr
    assert done.returncode == 0
    row = json.loads((tmp_path / "verdict.json").read_text())["sound"]
    assert row["experimental"] and row["score"] is None


def test_a_detector_of_images_hears_nothing(dfd, videos, tmp_path):
    for arguments, said in (
        ([videos, "--sound-model", "demo"], "judges images, not sound"),
        ([videos, "--sound-model", tmp_path], "No detector of speech at"),
        (["0", "--sound"], "without its sound"),
    ):
        done = dfd("video", *arguments)
        assert done.returncode == 2 and said in done.stderr
