"""A tiny detector, trained once through the command line, and ways to call the command line."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dfd_tf.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = [
    "model.args.input_size=64",
    "preprocess.policy=crop",
    "preprocess.views=1",
    "train.epochs=3",
    "train.batch_size=8",
    "train.images_per_epoch=160",
    "data.valid_from_train=0",
]
Call = Callable[..., subprocess.CompletedProcess[str]]
Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def tool() -> Call:
    """Call a verb as a user of a checkout does: what it printed, and its exit code.

    Trainings go this way: they make TensorFlow deterministic for the rest of their process.
    """

    def call(verb: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(REPOSITORY / "tools" / f"{verb}.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=900)

    return call


@pytest.fixture(scope="session")
def dfd() -> Call:
    """The same in this process, where TensorFlow need not be imported anew."""

    def call(verb: str, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [verb, *map(str, arguments)]
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            try:
                code = main(command)
            except SystemExit as left:  # argparse
                code = int(left.code or 0)
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="session")
def faces(once: Once) -> Path:
    """A dataset of noise: the fakes are the smooth ones. One file is damaged."""
    return once("faces", write_faces)


def write_faces(root: Path) -> None:
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


@pytest.fixture(scope="session")
def train_arguments(faces: Path) -> list[str]:
    """Arguments of a training that takes seconds."""
    settings = [word for setting in TINY for word in ("--set", setting)]
    config = REPOSITORY / "configs" / "amtenet.yaml"
    return ["--config", str(config), "--data", str(faces), *settings]


@pytest.fixture(scope="session")
def run(tool: Call, train_arguments: list[str], once: Once) -> Path:
    """Run folder of the tiny detector."""

    def train(folder: Path) -> None:
        done = tool("train", *train_arguments, "--out", folder / "tiny")
        assert done.returncode == 0, done.stderr
        (folder / "stdout.txt").write_text(done.stdout)

    return once("runs", train) / "tiny"


@pytest.fixture(scope="session")
def framed(run: Path, once: Once) -> Path:
    """Bundle of a detector whose training images showed faces tightly."""

    def copy(folder: Path) -> None:
        shutil.copytree(run / "bundle", folder / "bundle")
        path = folder / "bundle" / "detector.json"
        framing = {"side": 1.4, "widest": 1.6, "lift": 0.0, "n": 100}
        path.write_text(json.dumps(json.loads(path.read_text()) | {"framing": framing}))

    return once("framed", copy) / "bundle"


@pytest.fixture(scope="session")
def speech_bundle(once: Once) -> Path:
    """A detector of speech that was never trained: a network that hears a second."""
    return once("speech_bundle", write_speech_bundle)


def write_speech_bundle(folder: Path) -> None:
    from dfd_tf.audio.hearing import hearing
    from dfd_tf.calibration.fit import fit_calibration
    from dfd_tf.detectors.bundle import save_bundle
    from dfd_tf.detectors.info import DetectorInfo
    from dfd_tf.models import build_model

    arguments = {"input_size": 16_000, "widths": (4, 4)}
    labels = np.arange(100) % 2
    info = DetectorInfo(
        name="sound_resnet",
        architecture="sound_resnet",
        arguments=arguments,
        preprocessing=hearing(16_000),
        calibration=fit_calibration(labels - 0.5 + np.linspace(-1, 1, 100), labels),
        data={"fingerprint": "f", "seed": 0, "takes": "sound"},
    )
    save_bundle(folder, build_model("sound_resnet", **arguments), info)
