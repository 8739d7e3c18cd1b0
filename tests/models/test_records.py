import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfd_tf.models import architecture, list_detectors

TOOLS = Path(__file__).resolve().parents[2] / "tools"
NAMES = [
    f"{split}/{label}/{i}.jpg"
    for split in ("train", "valid", "test")
    for label in ("real", "fake")
    for i in range(4)
]
SOURCE = """
import keras
from dfd_tf.models import register

@register(
    "stranger_net", paper="none", input_size=16, cam_layer="maps", parameters=61,
    tiny={"filters": 1},
)
def RECORD(*, input_size: int = 16, filters: int = 2):
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 255, name="normalise")(pixels)
    x = keras.layers.Conv2D(filters, 3, name="maps")(x)
    x = keras.layers.GlobalAveragePooling2D(name="gap")(x)
    logit = keras.layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(pixels, logit, name="stranger_net")
"""


def dfd(folder, *arguments):
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, TOOLS / f"{arguments[0]}.py", *map(str, arguments[1:])]
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_detector_of_another_package_is_listed_checked_and_trained(
    stranger, write_tree, tmp_path
):
    package, faces = stranger("dfd_tf.detectors", SOURCE), write_tree(tmp_path / "faces", NAMES)
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("model: {name: stranger_net}\ntrain: {epochs: 1, batch_size: 4}\n")
    arguments = ["train", "--config", recipe, "--data", faces, "--out", tmp_path / "run"]
    wrong = dfd(package, *arguments, "--set", "model.args.filtres=2")
    assert wrong.returncode == 2
    assert "did you mean 'filters'" in wrong.stderr
    done = dfd(package, *arguments)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "bundle" / "model.keras").exists()


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (SOURCE.replace("stranger_net", "meso4"), "'meso4' is registered already"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(stranger, source, answer):
    done = dfd(stranger("dfd_tf.detectors", source), "models")
    assert done.returncode == 2
    assert "The detector 'mine' of another package" in done.stderr
    assert answer in done.stderr


@pytest.mark.parametrize("name", list_detectors())
def test_a_record_says_what_its_user_must_know(name):
    record = architecture(name)
    complete = record.complete(record.tiny)
    assert complete["input_size"] == record.input_size
    if record.weights:
        assert record.weights.source.licence
