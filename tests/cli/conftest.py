"""A tiny detector, trained once through the command line, and a way to call the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = [
    "model.args.input_size=64",
    "preprocess.policy=crop",
    "preprocess.views=1",
    "train.epochs=3",
    "train.batch_size=8",
    "data.valid_from_train=0",
]


@pytest.fixture(scope="session")
def dfd() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call a verb as a user does and return what it printed and its exit code."""

    def call(verb: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(REPOSITORY / "tools" / f"{verb}.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)  # type: ignore[call-overload]

    return call


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of noise: the fakes are the smooth ones. One file is damaged."""
    root = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(0)
    for split, n in (("train", 24), ("valid", 12), ("test", 12)):
        for label in ("real", "fake"):
            folder = root / split / label
            folder.mkdir(parents=True)
            for i in range(n):
                side = 80 if label == "real" else 12
                pixels = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
                pixels.resize((80, 80), Image.Resampling.BICUBIC).save(folder / f"{i:02}.jpg")
    whole = (root / "train" / "real" / "00.jpg").read_bytes()
    (root / "train" / "real" / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    return root


@pytest.fixture(scope="session")
def train_arguments(faces: Path) -> list[str]:
    """Arguments of a training that takes seconds."""
    settings = [word for setting in TINY for word in ("--set", setting)]
    config = REPOSITORY / "configs" / "amtenet.yaml"
    return ["--config", str(config), "--data", str(faces), *settings]


@pytest.fixture(scope="session")
def run(
    dfd: Callable[..., subprocess.CompletedProcess[str]],
    train_arguments: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Run folder of the tiny detector."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    done = dfd("train", *train_arguments, "--out", out)
    assert done.returncode == 0, done.stderr
    (out.parent / "stdout.txt").write_text(done.stdout)
    return out
