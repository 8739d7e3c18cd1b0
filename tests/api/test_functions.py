"""The functions give what their verbs print, and write what is asked for and no more."""

import io

import numpy as np
import pandas as pd
import pytest

import dfd_tf
from dfd_tf.cli import main
from dfd_tf.demo import demo_dataset
from dfd_tf.errors import UserError


@pytest.fixture(scope="module")
def pictures(once):
    root = once("demo", lambda folder: demo_dataset(folder, n_train=8, n_valid=8, n_test=16))
    return demo_dataset(root, n_train=8, n_valid=8, n_test=16)


@pytest.fixture(scope="module")
def detector():
    return dfd_tf.load_detector("efficientnet_lite0", engine="keras")


def test_predict_gives_the_rows_that_the_verb_prints(pictures, capsys):
    table = dfd_tf.predict(pictures / "test")
    main(["predict", str(pictures / "test"), "--format", "csv", "--quiet"])
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out), keep_default_na=False)
    assert list(table) == list(printed)
    assert list(table.path) == list(printed.path)
    assert list(table.verdict) == list(printed.verdict)
    scores = pd.to_numeric(printed.score)
    np.testing.assert_allclose(table.score, scores, atol=1e-6)


def test_predict_takes_one_path_and_a_loaded_detector(pictures, detector):
    path = sorted((pictures / "test" / "fake").iterdir())[0]
    table = dfd_tf.predict(path, model=detector, faces="whole")
    assert table.score[0] == detector.score([dfd_tf.read_image(path)])[0]
    assert table.left.isna().all()
    with pytest.raises(UserError, match="no files found"):
        dfd_tf.predict([])


def test_evaluate_writes_only_where_it_is_told(pictures, detector, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    metrics = dfd_tf.evaluate(pictures, model=detector, progress=False)
    assert not any(tmp_path.iterdir())
    assert metrics["n"] == 16
    assert dfd_tf.evaluate(pictures, "out", model=detector, progress=False) == metrics
    assert (tmp_path / "out" / "report.html").is_file()


def test_audit_returns_what_it_found(pictures, tmp_path):
    found = dfd_tf.audit([pictures], tmp_path / "audit", progress=False)
    assert len(found.facts.images) == 32
    assert (tmp_path / "audit" / "audit.json").is_file()


def test_robustness_counts_images(pictures, detector, tmp_path):
    result = dfd_tf.robustness(pictures, tmp_path, model=detector, limit=14, progress=False)
    assert result["n"] == 14
    with pytest.raises(UserError, match="at least 2"):
        dfd_tf.robustness(pictures, tmp_path, limit=1)


def test_calibrate_refuses_before_it_computes(tmp_path):
    with pytest.raises(UserError, match="a share from 0"):
        dfd_tf.calibrate("nowhere", tmp_path, max_error=1.0)
    (tmp_path / "metrics.json").touch()
    with pytest.raises(UserError, match="holds a run already"):
        dfd_tf.calibrate("nowhere", tmp_path)


def test_shipped_detectors_and_architectures_are_listed_apart():
    assert {"ensemble", dfd_tf.DEFAULT_MODEL} <= set(dfd_tf.list_models())
    assert {"amtenet", "resnet50"} <= set(dfd_tf.list_detectors())
    assert "ensemble" not in dfd_tf.list_detectors()


def test_an_architecture_is_registered_once():
    record = {"paper": "none", "input_size": 64, "cam_layer": "x", "parameters": 1}
    with pytest.raises(ValueError, match="registered already"):
        dfd_tf.register("amtenet", **record)(lambda: None)


def test_how_to_read_a_dataset_is_said_beside_its_name(pictures):
    chosen = dfd_tf.Datasets(pictures, dfd_tf.Choices(layout="plain"))
    assert chosen == (str(pictures),)
    assert chosen == dfd_tf.Datasets([pictures])
    with pytest.raises(UserError, match=r"no 'plane' in dfd_tf\.layouts"):
        dfd_tf.audit(dfd_tf.Datasets(pictures, dfd_tf.Choices(layout="plane")), progress=False)
