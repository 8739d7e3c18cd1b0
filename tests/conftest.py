"""What many tests need: small pictures, dataset folders made on the spot, the real data if any."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dfd_tf.detectors.info import DetectorInfo

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


# Formants of five vowels, in Hz (Peterson, Barney: "Control methods used in a study of the vowels",
# JASA 1952), and how wide they are.
VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)
WIDTHS = (80, 100, 140)


@pytest.fixture(scope="session")
def voice() -> Callable[..., np.ndarray]:
    """What is taken for speech: vowels, one after the other, at 16 kHz; seconds, pitch, seed."""
    from scipy.signal import lfilter

    def speak(
        seconds: float, pitch: float = 120.0, seed: int = 0, rate: int = 16_000
    ) -> np.ndarray:
        rng, n, syllable = np.random.default_rng(seed), int(seconds * rate), int(0.16 * rate)
        rising = 1 + 0.15 * np.sin(2 * np.pi * 0.7 * np.arange(n) / rate + rng.uniform(0, 6))
        pulses = np.diff(np.floor(np.cumsum(pitch * rising) / rate), prepend=0)
        source = lfilter([1], [1, -0.97], pulses) + 0.02 * rng.standard_normal(n)
        said = np.zeros(n)
        for start in range(0, n, syllable):
            part = source[start : start + syllable]
            for formant, width in zip(VOWELS[rng.integers(len(VOWELS))], WIDTHS, strict=True):
                radius = np.exp(-np.pi * width / rate)
                poles = [1, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2]
                part = lfilter([sum(poles)], poles, part)
            said[start : start + syllable] = part * np.sqrt(np.hanning(syllable)[: len(part)])
        breath = 0.1 * np.abs(said) * rng.standard_normal(n)
        return (0.05 * (said + breath) / said.std()).astype(np.float32)

    return speak


@pytest.fixture(scope="session")
def demo_clip(once: Callable[..., Path]) -> Path:
    """The clip of `dfd video --demo`: two sitters, one of whom is forged for three seconds."""
    pytest.importorskip("av", reason="needs the extra video: pip install '.[video]'")
    from dfd_tf.video.demo import CLIP, render_demo

    return once("demo_clip", render_demo) / CLIP


@pytest.fixture(scope="session")
def published() -> Callable[..., Any]:
    """Where the pretrained weights of an architecture are; skips where they were not fetched."""
    from dfd_tf.models import architecture
    from dfd_tf.pretrained.sources import WeightsMissing

    def source(name: str) -> Any:
        found = architecture(name).weights.source
        try:
            found.verified()
        except WeightsMissing as missing:
            pytest.skip(f"{missing} dfd fetch {name}")
        return found

    return source


@pytest.fixture(scope="session")
def describe() -> Callable[..., DetectorInfo]:
    """Describe a detector by what a test cares about."""

    def make(**known: Any) -> DetectorInfo:
        rest = {"name": "tiny", "architecture": "amtenet", "data": {"fingerprint": "f", "seed": 0}}
        return DetectorInfo.model_validate(rest | known)

    return make


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


# Columns: what red, green and blue light of full strength are in XYZ under D50.
SRGB = [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
DISPLAY_P3 = [
    [0.51512, 0.29198, 0.15710],
    [0.24120, 0.69225, 0.06657],
    [-0.00105, 0.04189, 0.78407],
]
ADOBE_RGB = [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]


def fixed(*values):
    """Numbers as ICC stores them, 16 bits before and 16 behind the point."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def icc(device, space, connection, tags):
    """An ICC profile, version 4, of tags by name."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"", 0x04200000, device, space,
                         connection, bytes(12), b"acsp")  # fmt: skip
    header = header.ljust(68, b"\0") + fixed(0.9642, 1, 0.8249)
    return header.ljust(128, b"\0") + table + body


def srgb_curve():
    """The curve of sRGB and Display P3 as a formula."""
    formula = fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + formula


def power_curve(gamma):
    return b"para" + bytes(4) + struct.pack(">HH", 0, 0) + fixed(gamma)


def sampled_curve(n=1024):
    """The curve of sRGB as a table, which is how the oldest profile of it has it."""
    x = np.linspace(0, 1, n)
    y = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return b"curv" + bytes(4) + struct.pack(f">I{n}H", n, *np.round(y * 65535).astype(int).tolist())


def light_profile(primaries, curve):
    """A profile of a display or a camera."""
    columns = zip((b"rXYZ", b"gXYZ", b"bXYZ"), np.transpose(primaries).tolist(), strict=True)
    tags = {name: b"XYZ " + bytes(4) + fixed(*column) for name, column in columns}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return icc(b"mntr", b"RGB ", b"XYZ ", tags | curves)


def ink_profile():
    """A press whose cyan ink is a grey of half lightness; black is black, the others are paper."""
    corners = np.full((2, 2, 2, 2, 3), [255, 128, 128], np.uint8)  # Lab, white
    corners[1, ..., 0] = 128  # half of 255
    corners[..., 1, 0] = 0
    same = bytes(range(256))
    numbers = struct.pack(">4B", 4, 3, 2, 0) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table = b"mft1" + bytes(4) + numbers + same * 4 + corners.tobytes() + same * 3
    return icc(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


PROFILES = {
    "sRGB": light_profile(SRGB, srgb_curve()),
    "sRGB as a table": light_profile(SRGB, sampled_curve()),
    "Display P3": light_profile(DISPLAY_P3, srgb_curve()),
    "Adobe RGB": light_profile(ADOBE_RGB, power_curve(563 / 256)),
    "grey": icc(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": power_curve(1.8)}),
    "inks": ink_profile(),
}


@pytest.fixture(scope="session")
def profiles() -> dict[str, bytes]:
    """ICC profiles by name, made of a few numbers."""
    return PROFILES
