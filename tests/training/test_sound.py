"""A detector of sound trained from files to bundle, by the code that trains those of images."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

from dfd_tf.audio.encoding import flac
from dfd_tf.config import parse_config
from dfd_tf.data.sets.examples import load_as_dealt
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.recordings import judge_recordings
from dfd_tf.errors import UserError
from dfd_tf.models import architecture
from dfd_tf.reporter import Reporter
from dfd_tf.training import networks
from dfd_tf.training.run import train

RATE = 16_000
MODEL = {"name": "sound_resnet", "args": {"input_size": 8000, "widths": [4, 4]}}


@pytest.fixture(scope="module")
def spoken(voice):
    """Of a number a voice, and a whistle in what is fake."""

    def speak(number, fake):
        said = voice(2, pitch=100 + 3 * number, seed=number)
        return said + fake * (0.03 * np.sin(np.arange(len(said)) * 2)).astype(np.float32)

    return speak


@pytest.fixture(scope="module")
def table(tmp_path_factory, spoken):
    """A table of 54 recordings of nine people by two engines, and one that is no sound."""
    folder = tmp_path_factory.mktemp("speech")
    rows = []
    for split, people in (("train", range(4)), ("valid", range(4, 6)), ("test", range(6, 9))):
        for person in people:
            for take in range(2):
                for source in ("speech", "flite", "world"):
                    name = f"{source}_{person}_{take}.flac"
                    (folder / name).write_bytes(flac(spoken(2 * person + take, source != "speech")))
                    label = "real" if source == "speech" else "fake"
                    rows.append((name, label, split, f"p{person}", source))
    (folder / "broken.flac").write_bytes(b"fLaC")
    rows.append(("broken.flac", "fake", "test", "p9", "world"))
    path = folder / "table.csv"
    columns = ["path", "label", "split", "group", "source"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def config(table):
    return parse_config({"model": MODEL, "data": {"paths": [str(table)]}}).replace(
        {
            "train.batch_size": 8,
            "train.epochs": 2,
            "device.precision": "float32",
            "augment.gain": 0.5,
        }
    )


@pytest.fixture(scope="module")
def run(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "sound"
    train(config, folder, reporter=Reporter(quiet=True))
    return folder


def test_the_run_folder_is_that_of_images(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["n_real"], metrics["n_fake"], metrics["n_failed"]) == (6, 12, 1)
    assert metrics["eer"]["value"] is not None
    assert set(metrics["per_source"]) == {"speech", "flite", "world"}
    assert (run / "report.html").is_file()


def test_the_bundle_says_that_it_hears_and_judges_alike(run):
    stored = json.loads((run / "bundle" / "detector.json").read_text())
    assert stored["preprocessing"] == {"takes": "sound", "size": 8000, "step": 4000}
    assert stored["data"]["takes"] == "sound"
    predictions = pd.read_csv(run / "predictions.csv").dropna(subset="score")
    detector = load_detector(run, engine="keras")
    judged = [rows[0].score for rows in judge_recordings(detector, list(predictions.path))]
    np.testing.assert_allclose(judged, predictions.score, atol=1e-6)


def test_the_card_says_experimental(run):
    card = (run / "bundle" / "MODEL_CARD.md").read_text()
    assert "**Experimental.** Tells real from fake speech" in card
    assert "windows of 0.5 s of sound at 16 kHz" in card


def test_the_same_recordings_are_found_again(run, table):
    info = load_detector(run, engine="keras").info
    examples = load_as_dealt([str(table)], info.data)
    assert len(examples) == 55
    people = examples.groupby("group").split.nunique()
    assert (people == 1).all()
    assert set(examples.group) == {f"table:p{n}" for n in range(10)}


@pytest.fixture(scope="module")
def frozen(config):
    return config.replace(
        {
            "model.name": "aasist",
            "model.args": {**architecture("aasist").tiny, "input_size": 16_000, "read": "all"},
            "train.init": "pretrained",
            "train.freeze_epochs": 2,
            "train.feature_passes": 1,
        }
    )


def test_a_head_learns_on_features_of_sound(frozen, tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "load_pretrained", lambda *_: None)
    train(frozen, tmp_path / "frozen", reporter=Reporter(quiet=True))
    predictions = pd.read_csv(tmp_path / "frozen" / "predictions.csv").dropna(subset="score")
    detector = load_detector(tmp_path / "frozen", engine="keras")
    assert detector.info.backbone is None  # no index has it, so the bundle does
    assert detector.info.licence["pretrained weights"] == "MIT (NAVER)"
    judged = [rows[0].score for rows in judge_recordings(detector, list(predictions.path))]
    np.testing.assert_allclose(judged, predictions.score, atol=1e-6)


def test_weights_that_no_index_has_are_asked_for(frozen, tmp_path, monkeypatch):
    monkeypatch.setenv("DFD_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"Download them from https.*and put them at"):
        train(frozen, tmp_path / "frozen", reporter=Reporter(quiet=True))


def test_what_only_images_have_is_refused(frozen, tmp_path):
    plain = frozen.replace({"train.feature_passes": 0, "train.init": None})
    with pytest.raises(UserError, match="leave out one_class"):
        train(plain, tmp_path / "frozen", reporter=Reporter(quiet=True))
