"""dfd audio: rows as predict writes them, words for what cannot be judged, exit codes."""

import json

import pytest

pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

import numpy as np

from dfd_tf.audio.encoding import flac
from dfd_tf.audio.hearing import hearing
from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.cli import main
from dfd_tf.detectors.bundle import save_bundle
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.models import build_model

SIZE = 16_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A network that was never trained."""
    arguments = {"input_size": SIZE, "widths": (4, 4)}
    labels = np.arange(100) % 2
    info = DetectorInfo(
        name="sound_resnet",
        architecture="sound_resnet",
        arguments=arguments,
        preprocessing=hearing(SIZE),
        calibration=fit_calibration(labels - 0.5 + np.linspace(-1, 1, 100), labels),
        data={"fingerprint": "f", "seed": 0, "takes": "sound"},
    )
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(folder, build_model("sound_resnet", **arguments), info)
    return folder


@pytest.fixture
def voices(tmp_path, voice):
    folder = tmp_path / "voices"
    folder.mkdir()
    (folder / "a.flac").write_bytes(flac(voice(2)))
    (folder / "b.flac").write_bytes(flac(np.zeros(2 * SIZE, np.float32)))
    return folder


def test_a_row_a_recording(bundle, voices, capsys):
    assert main(["audio", str(voices), "--model", str(bundle), "--format", "json"]) == 1
    told = capsys.readouterr()
    judged, silent = json.loads(told.out)
    assert judged["verdict"] in ("real", "fake", "inconclusive")
    assert len(judged["windows"]) == 3
    assert (silent["verdict"], silent["reason"]) == ("not applicable", "no speech in it")
    assert "experimental" in told.err


def test_a_table_in_a_file(bundle, voices, tmp_path):
    out = tmp_path / "verdicts.csv"
    assert main(["audio", str(voices / "a.flac"), "--model", str(bundle), "--out", str(out)]) == 0
    head, row = out.read_text().splitlines()
    assert head == "path,score,verdict,reason,left,top,width,height"
    assert row.startswith(str(voices / "a.flac"))


def test_a_detector_of_images_is_refused(voices, capsys):
    assert main(["audio", str(voices), "--model", "demo"]) == 2
    assert "judges images, not sound" in capsys.readouterr().err
