"""detector.json: typed, of every earlier format, refused in words where it is damaged."""

import json

import pytest

from dfd_tf.calibration import Calibration
from dfd_tf.data.sets.seen_files import read_seen
from dfd_tf.detectors.info import read_info, write_info
from dfd_tf.detectors.locate import list_models, shipped_models
from dfd_tf.detectors.migrations import FORMAT, MIGRATIONS, migrated
from dfd_tf.errors import UserError
from dfd_tf.faces import Framing

TRAINED = ("train", "valid")
CALIBRATION = {
    "temperature": 2.0,
    "thresholds": [
        {"fpr": rate, "value": value, "n_real": 50}
        for rate, value in ((0.1, 0.4), (0.05, 0.5), (0.01, 0.9))
    ],
    "n_valid": 100,
}


@pytest.fixture
def info(describe):
    return describe(preprocessing={"size": 64}, calibration=CALIBRATION, architecture="amtenet")


def test_what_is_written_is_read(info, tmp_path):
    framed = info.replace(framing=Framing(1.5, 3.0, 0.1, 40), metrics={"test": {"n": 3}})
    write_info(tmp_path, framed)
    again = read_info(tmp_path)
    assert again == framed
    assert isinstance(again.calibration, Calibration)
    assert again.calibration.threshold == 0.5
    assert "members" not in json.loads((tmp_path / "detector.json").read_text())


def test_a_change_is_checked(info):
    assert info.replace(name="other").name == "other"
    with pytest.raises(ValueError, match="nmae"):
        info.replace(nmae="other")
    with pytest.raises(ValueError, match="weights_sha256"):
        info.replace(weights_sha256="none")


@pytest.mark.parametrize("number", sorted(MIGRATIONS))
def test_earlier_formats_become_todays(info, tmp_path, number):
    values = info.to_dict() | {"format": number, "name": "committee", "architecture": "committee"}
    (tmp_path / "detector.json").write_text(json.dumps(values))
    read = read_info(tmp_path)
    name = "ensemble" if number < 3 else "committee"
    assert (read.format, read.name, read.architecture) == (FORMAT, name, name)
    assert read.calibration == info.calibration


def test_a_newer_format_is_refused_with_a_way_on(tmp_path):
    with pytest.raises(UserError, match=r"format 99.*Upgrade dfd_tf"):
        migrated({"format": 99}, tmp_path)


def test_what_is_damaged_is_named(info, tmp_path):
    values = info.to_dict()
    values["data"]["seed"] = "zero"
    (tmp_path / "detector.json").write_text(json.dumps(values))
    with pytest.raises(UserError, match=r"detector.json is damaged: data.seed: .*integer"):
        read_info(tmp_path)


def test_all_shipped_ones_are_read():
    for name in list_models():
        read = read_info(shipped_models() / name)
        assert read.name == name
        assert read.data.counts
        assert (read.after_jpeg is None) == (read.data.takes == "sound")


def test_shipped_ones_know_the_photos_they_were_trained_on():
    for name in set(list_models()) - {"demo"}:  # whose pictures anybody renders anew
        counts = read_info(shipped_models() / name).data.counts.values()
        n = sum(
            part.real for splits in counts for split, part in splits.items() if split in TRAINED
        )
        assert len(read_seen(shipped_models() / name)) >= n
