"""dfd audio: rows as predict writes them, words for what cannot be judged, exit codes."""

import json

import pytest

pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

import numpy as np

from dfd_tf.audio.encoding import flac
from dfd_tf.cli import main

SIZE = 16_000


@pytest.fixture
def voices(tmp_path, voice):
    folder = tmp_path / "voices"
    folder.mkdir()
    (folder / "a.flac").write_bytes(flac(voice(2)))
    (folder / "b.flac").write_bytes(flac(np.zeros(2 * SIZE, np.float32)))
    return folder


def test_a_row_a_recording(speech_bundle, voices, capsys):
    assert main(["audio", str(voices), "--model", str(speech_bundle), "--format", "json"]) == 1
    told = capsys.readouterr()
    judged, silent = json.loads(told.out)
    assert judged["verdict"] in ("real", "fake", "inconclusive")
    assert len(judged["windows"]) == 3
    assert (silent["verdict"], silent["reason"]) == ("not applicable", "no speech in it")
    assert "experimental" in told.err


def test_a_table_in_a_file(speech_bundle, voices, tmp_path):
    out = tmp_path / "verdicts.csv"
    assert (
        main(["audio", str(voices / "a.flac"), "--model", str(speech_bundle), "--out", str(out)])
        == 0
    )
    head, row = out.read_text().splitlines()
    assert head == "path,score,verdict,reason,left,top,width,height"
    assert row.startswith(str(voices / "a.flac"))


def test_a_detector_of_images_is_refused(voices, capsys):
    assert main(["audio", str(voices), "--model", "demo"]) == 2
    assert "judges images, not sound" in capsys.readouterr().err


def test_robustness_degrades_sound_as_sound(speech_bundle, voice, tmp_path):
    for label in ("real", "fake"):
        (tmp_path / "test" / label).mkdir(parents=True)
        for seed in range(3):
            said = voice(1.5, seed=seed + 3 * (label == "fake"))
            (tmp_path / "test" / label / f"{seed}.flac").write_bytes(flac(said))
    out = tmp_path / "out"
    asked = ["--model", str(speech_bundle), "--data", str(tmp_path / "test"), "--split", "all"]
    assert main(["robustness", *asked, "--out", str(out), "--quiet"]) == 0
    found = json.loads((out / "robustness.json").read_text())
    assert found["takes"] == "sound"
    assert {"clean", "mp3-64", "opus-16", "g711", "noise-20"} <= set(found["steps"])
    assert found["steps"]["opus-16"]["words"] == "Opus at 16 kbit/s"
    assert found["steps"]["clean"]["eer"]["value"] is not None
    assert "what happens to recordings?" in (out / "report.html").read_text()
