import io
import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.errors import UserError
from dfd_tf.models import build_model

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy")
# What an environment without these packages does.
WITHOUT = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from dfd_tf.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def untrained(tmp_path_factory, describe):
    """A bundle with starting weights: nothing here depends on what was learned."""
    keras.utils.set_random_seed(0)
    arguments = {"input_size": 64}
    labels = np.arange(200) % 2
    info = {
        "arguments": arguments,
        "preprocessing": {"size": 64, "policy": "crop", "views": 5, "native_side": 80},
        "calibration": fit_calibration(
            labels + np.random.default_rng(0).normal(size=200), labels
        ).to_dict(),
        "licence": {"noise": "free"},
    }
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    save_bundle(folder, build_model("amtenet", **arguments), describe(**info))
    return folder


@pytest.fixture(scope="module")
def bundle(dfd, untrained, faces, tmp_path_factory):
    """The same with a LiteRT file in it."""
    folder = tmp_path_factory.mktemp("light") / "tiny"
    shutil.copytree(untrained, folder)
    arguments = ["--model", folder, "--data", faces, "--images", 64, "--into-bundle"]
    done = dfd("export", "--format", "tflite", *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def photos(faces, tmp_path_factory):
    """Good files and bad, one with a name to be quoted."""
    folder = tmp_path_factory.mktemp("photos")
    for source in (faces / "test").rglob("0*.jpg"):
        shutil.copy(source, folder / f"{source.parent.name} {source.name}")
    whole = (faces / "test" / "real" / "00.jpg").read_bytes()
    (folder / 'cut, "torn".jpg').write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_bytes(b"no image")
    return folder


def without_tensorflow(*arguments):
    command = [sys.executable, "-c", WITHOUT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_light_predictor_gives_the_same_rows_without_tensorflow(dfd, bundle, photos):
    arguments = (photos, "--model", bundle, "--format", "csv")
    light = without_tensorflow("predict", *arguments)
    full = dfd("predict", *arguments, "--engine", "keras")
    assert light.returncode == full.returncode == 1, light.stderr
    rows, expected = (pd.read_csv(io.StringIO(done.stdout)) for done in (light, full))
    np.testing.assert_allclose(rows.score, expected.score, atol=1e-4)
    same = ["path", "verdict"]
    pd.testing.assert_frame_equal(rows[same], expected[same])
    assert list(rows.reason[rows.verdict == "error"]) == list(
        expected.reason[expected.verdict == "error"]
    )
    assert "XNNPACK" not in light.stderr
    for form in ("json", "table"):
        done = without_tensorflow("predict", photos, "--model", bundle, "--format", form)
        assert done.returncode == 1 and "torn" in done.stdout


def test_without_tensorflow_a_bundle_without_the_file_says_what_to_do(untrained, photos):
    done = without_tensorflow("predict", photos, "--model", untrained)
    assert done.returncode == 2
    assert "pip install" in done.stderr
    done = without_tensorflow("predict", photos, "--model", untrained, "--engine", "lite")
    assert done.returncode == 2
    assert "--into-bundle" in done.stderr


def test_a_tampered_file_is_refused(bundle, tmp_path):
    shutil.copytree(bundle, tmp_path / "copy")
    with (tmp_path / "copy" / "model.tflite").open("ab") as file:
        file.write(b"x")
    with pytest.raises(UserError, match="is not the file that"):
        load_detector(tmp_path / "copy", engine="lite")


def test_parity_is_written_into_the_bundle(bundle):
    parity = json.loads((bundle / "parity.json").read_text())
    assert parity["passed"] and parity["n"] == 64
    assert parity["roads"]["LiteRT"]["max_difference"] <= 1e-4
    assert set(parity["latency_ms"]) == {"threads: 1", "threads: 2"}


def test_beyond_the_limit_nothing_is_written_unless_it_is_allowed(
    untrained, faces, tmp_path, monkeypatch
):
    from dfd_tf.cli.main import main
    from dfd_tf.exporting import parity

    monkeypatch.setitem(parity.LIMITS, "float16", parity.Limit(0.0, 1e-2))
    common = ["export", "--format", "tflite", "--quantize", "float16", "--model", str(untrained)]
    common += ["--data", str(faces), "--images", "64", "--out", str(tmp_path), "--quiet"]
    assert main(common) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-float16.parity.json"]
    assert main([*common, "--allow-difference"]) == 0
    assert (tmp_path / "tiny-float16.tflite").is_file()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--format", "tflite", "--quantize", "int8", "--out", "x"], "give --data"),
        (["--format", "tflite", "--quantize", "mixed", "--out", "x"], "give --data"),
        (["--format", "saved_model", "--quantize", "int8", "--out", "x"], "belong to"),
        (["--format", "tflite", "--quantize", "float16", "--into-bundle"], "takes no"),
        (["--format", "tflite"], "--out --into-bundle"),
    ],
)
def test_wrong_usage_exits_with_2(dfd, arguments, answer):
    done = dfd("export", *arguments)
    assert done.returncode == 2
    assert answer in done.stderr
