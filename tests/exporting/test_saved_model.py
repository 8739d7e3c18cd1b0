"""A SavedModel as its users load it: in a process without dfd_tf."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from dfd_tf.exporting.warmup import FILE, prediction_log

READER = """
import json, sys
sys.modules["dfd_tf"] = None
import tensorflow as tf
folder, files = sys.argv[1:]
loaded = tf.saved_model.load(folder)
with open(files, "rb") as file:
    batch = [bytes.fromhex(line.decode().strip()) for line in file]
said = loaded.signatures["serving_default"](image_bytes=tf.constant(batch))
size = loaded.signatures["pixels"].structured_input_signature[1]["pixels"].shape[1]
flat = loaded.signatures["pixels"](pixels=tf.fill([2, size, size, 3], 100.0))
nothing = loaded.signatures["serving_default"](image_bytes=tf.constant([], tf.string))
print(json.dumps({
    "score": said["score"].numpy().tolist(),
    "logit": said["logit"].numpy().tolist(),
    "verdict": [v.decode() for v in said["verdict"].numpy()],
    "reason": [v.decode() for v in said["reason"].numpy()],
    "pixels": flat["score"].numpy().tolist(),
    "nothing": nothing["score"].shape[0],
}))
"""


@pytest.fixture(scope="module")
def files(usable_files, hostile_files, tmp_path_factory):
    """Paths of usable and damaged files in turns."""
    folder = tmp_path_factory.mktemp("files")
    names = [*usable_files, *hostile_files]
    for name in names:
        (folder / name).write_bytes((usable_files | hostile_files)[name])
    return [folder / name for name in sorted(names)]


@pytest.fixture(scope="module")
def said(exported, files, tmp_path_factory):
    batch = tmp_path_factory.mktemp("batch") / "batch.txt"
    batch.write_text("\n".join(path.read_bytes().hex() for path in files))
    command = [sys.executable, "-c", READER, str(exported), str(batch)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_bytes_give_the_rows_of_the_engine(said, detector, files):
    expected = detector.judge(files)
    # Where a small picture is enlarged, the graph rounds rare ties otherwise, by one grey level.
    np.testing.assert_allclose(said["score"], expected.score, atol=1e-4)
    np.testing.assert_allclose(said["logit"], expected.logit, atol=1e-3)
    assert said["verdict"] == list(expected.verdict)
    assert said["reason"] == list(expected.reason)
    assert {"error"} < set(expected.verdict)


def test_pixels_give_the_score_of_the_engine(said, detector):
    grey = np.full((64, 64, 3), 100, np.uint8)
    np.testing.assert_allclose(said["pixels"], detector.score([grey, grey]), atol=1e-5)


def test_an_empty_batch_is_an_empty_answer(said):
    assert said["nothing"] == 0


def test_holds_its_card_and_its_weights_once(exported, detector):
    assert json.loads((exported / "assets" / "detector.json").read_text())["name"] == "amtenet"
    weights = sum(weight.nbytes for weight in detector.model.get_weights())
    assert sum(p.stat().st_size for p in (exported / "variables").iterdir()) < 1.05 * weights


def test_warm_up_requests_are_what_tf_serving_reads(exported):
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(exported / FILE))]
    assert len(records) == 3
    assert b"serving_default" in records[0] and b"image_bytes" in records[0]
    assert b"pixels" in records[2]
    # What the stubs of tensorflow-serving-api 2.21 serialise for the same message.
    expected = "321f0a1d0a080a016d1a0373696712110a0178120c080712041202080142026162"
    assert prediction_log("m", "sig", x=[b"ab"]).hex() == expected
