"""What many tests need: small pictures, dataset folders made on the spot, the real data if any."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real datasets, from DFD_DATA or beside the repository."""
    root = Path(os.environ.get("DFD_DATA", REPOSITORY.parent / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"needs the real data: no folder {root} (set DFD_DATA)")
    return root


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Fill a folder once for all processes that test, and hand it to each: name, who fills it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def folder(name: str, fill: Callable[[Path], None]) -> Path:
        with (root / f"{name}.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            if not lock.read():
                shutil.rmtree(root / name, ignore_errors=True)
                (root / name).mkdir()
                fill(root / name)
                lock.write("filled")
        return root / name

    return folder


@pytest.fixture
def make_pixels() -> Callable[..., np.ndarray]:
    """Make smooth coloured noise, uint8 RGB: small, compressible, unlike its own mirror image."""

    def make(seed: int = 0, height: int = 36, width: int = 48) -> np.ndarray:
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))

    return make


@pytest.fixture
def write_jpeg(make_pixels: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """Write a small JPEG, creating its folders; another seed, another picture."""

    def write(path: Path, seed: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_pixels(seed)).save(path, "JPEG", quality=90)
        return path

    return write


@pytest.fixture
def write_tree(write_jpeg: Callable[..., Path]) -> Callable[[Path, Iterable[str]], Path]:
    """Write a tree of different small JPEGs under the given relative names."""

    def write(root: Path, names: Iterable[str]) -> Path:
        for seed, name in enumerate(names):
            write_jpeg(root / name, seed)
        return root

    return write


@pytest.fixture
def stranger(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make another package of one file; returns the folder to put on the import path.

    Its entry point of the given group leads to what its source calls RECORD.
    """

    def make(group: str, source: str) -> Path:
        folder = tmp_path / "packages"
        described = folder / "stranger-1.0.dist-info"
        described.mkdir(parents=True)
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(f"[{group}]\nmine = stranger:RECORD\n")
        (folder / "stranger.py").write_text(source)
        return folder

    return make
