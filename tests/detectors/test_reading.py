"""One road for paths, bytes and pixels; memory that does not grow with the number of files."""

import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors import reading
from dfd_tf.detectors.reading import NamedBytes, NamedImage, Reader, expand_paths, read_ahead
from dfd_tf.detectors.scoring import score_images, score_sources
from dfd_tf.faces import Piece, whole

PREPROCESSING = Preprocessing(size=32, views=5, native_side=64)


class Mean:
    """The mean grey level for a logit."""

    def predict_on_batch(self, squares):
        return squares.mean(axis=(1, 2, 3))[:, None]


@pytest.fixture
def photo(tmp_path, write_jpeg):
    return write_jpeg(tmp_path / "photo.jpg")


def test_paths_bytes_and_pixels_give_one_score(photo):
    sources = [
        photo,
        str(photo),
        NamedBytes("upload", photo.read_bytes()),
        NamedImage("frame", read_image(photo)),
    ]
    rows = [rows[0] for rows in score_sources(Mean(), PREPROCESSING, sources)]
    expected = score_images(Mean(), PREPROCESSING, [read_image(photo)])[0]
    assert [row.logit for row in rows] == [expected] * 4
    assert [row.path for row in rows[2:]] == ["upload", "frame"]


def test_every_source_keeps_its_rows_and_their_order(photo, tmp_path):
    def twice(image):
        return [Piece(image), Piece(None, verdict="no face", reason="none")]

    sources = [photo, tmp_path / "none.jpg", NamedBytes("junk", b"junk"), photo]
    found = list(score_sources(Mean(), PREPROCESSING, sources, cut=twice))
    assert [len(rows) for rows in found] == [2, 1, 1, 2]
    assert found[1][0].reason == "no such file"
    assert np.isnan(found[2][0].logit)
    assert found[0] == found[3] or found[0][0] == found[3][0]
    assert found[0][1].verdict == "no face"


def test_an_address_is_answered_in_words():
    (address,) = expand_paths(["https://example.org/photo.jpg"])
    (row,) = Reader(PREPROCESSING, whole)(address)
    assert row.name == "https://example.org/photo.jpg"
    assert row.reason == "an address, not a file: save the picture and name its file"


def test_too_little_memory_costs_one_row(photo):
    def greedy(image):
        raise MemoryError

    (row,) = Reader(PREPROCESSING, greedy)(photo)
    assert (row.verdict, row.reason) == ("error", "too large for the memory at hand")


def test_sources_are_taken_only_as_they_are_needed(photo):
    taken = []

    def sources():
        for number in range(10_000):
            taken.append(number)
            yield photo

    scored = score_sources(Mean(), PREPROCESSING, sources())
    next(scored)
    assert len(taken) < 500
    scored.close()


def test_pixels_in_memory_are_bounded(monkeypatch):
    monkeypatch.setattr(reading, "PIXELS_IN_MEMORY", 100 * 100 + 1)
    inside, most, lock = [0], [0], threading.Lock()

    def cut(image):
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        with lock:
            inside[0] -= 1
        return whole(image)

    buffer = io.BytesIO()
    Image.fromarray(np.zeros((100, 100, 3), np.uint8)).save(buffer, "PNG")
    sources = [NamedBytes(str(i), buffer.getvalue()) for i in range(12)]
    assert len(list(score_sources(Mean(), PREPROCESSING, sources, cut=cut))) == 12
    assert most[0] == 1


def test_read_ahead_keeps_the_order():
    assert list(read_ahead(lambda n: n * n, range(200), ahead=7)) == [n * n for n in range(200)]


def test_folders_are_all_files_below_them(tmp_path, write_tree):
    root = write_tree(tmp_path, ["b/2.jpg", "a/1.jpg", "c.jpg", ".hidden/3.jpg"])
    (root / "notes.txt").write_text("no image, but a visible file")
    names = [Path(path).relative_to(root).as_posix() for path in expand_paths([root])]
    assert names == ["c.jpg", "notes.txt", "a/1.jpg", "b/2.jpg"]
