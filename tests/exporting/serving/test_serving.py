"""What clients of TensorFlow Serving send and get, against a stand-in over the same SavedModel."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import yaml

from dfd_tf import DEFAULT_MODEL
from dfd_tf.exporting.warmup import FILE

SERVING = Path(__file__).resolve().parents[3] / "docs" / "serving"
PREDICT = "/v1/models/amtenet:predict"


@pytest.fixture(scope="module")
def batch(usable_files, hostile_files):
    """Good and damaged files in turns."""
    names = ["jpeg", "cut in the headers", "png turned 6", "huge", "clear webp", "text"]
    return [(usable_files | hostile_files)[name] for name in names]


@pytest.fixture(scope="module")
def expected(detector, batch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    paths = [folder / str(i) for i in range(len(batch))]
    for path, data in zip(paths, batch, strict=True):
        path.write_bytes(data)
    return detector.judge(paths)


def b64(data):
    return {"b64": base64.b64encode(data).decode()}


def check(said, expected):
    np.testing.assert_allclose(said["score"], expected.score, atol=1e-5)
    verdicts, reasons = (
        [v.decode() if isinstance(v, bytes) else v for v in said[key]]
        for key in ("verdict", "reason")
    )
    assert verdicts == list(expected.verdict)
    assert reasons == list(expected.reason)


def turned(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


def test_rest_takes_files_in_rows_and_in_columns(rest, batch, expected):
    files = [b64(data) for data in batch]
    for instances in (files, [{"image_bytes": file} for file in files]):
        status, answer = rest(PREDICT, {"instances": instances})
        assert status == 200
        check(turned(answer["predictions"]), expected)
    for inputs in (files, {"image_bytes": files}):
        status, answer = rest(PREDICT, {"inputs": inputs})
        assert status == 200
        check(answer["outputs"], expected)
    assert set(expected.verdict) > {"error"}  # some files were judged, some not


def test_rest_says_whether_the_model_is_ready(rest):
    status, answer = rest("/v1/models/amtenet")
    assert status == 200
    assert answer["model_version_status"][0]["state"] == "AVAILABLE"
    assert rest("/v1/models/other")[0] == 404


def test_rest_takes_squares(rest, detector):
    grey = np.full((64, 64, 3), 100, np.uint8)
    request = {"signature_name": "pixels", "instances": [grey.tolist()] * 2}
    status, answer = rest(PREDICT, request)
    assert status == 200
    said = [row["score"] for row in answer["predictions"]]
    np.testing.assert_allclose(said, detector.score([grey, grey]), atol=1e-5)


@pytest.mark.parametrize(
    ("path", "request_", "status", "said"),
    [
        ("/v1/models/other:predict", {"instances": [b64(b"")]}, 404, "other"),
        ("/v1/models/amtenet:classify", {"instances": [b64(b"")]}, 400, "Malformed"),
        (PREDICT, {"signature_name": "none", "instances": [b64(b"")]}, 400, "none"),
        (PREDICT, {}, 400, "instances"),
        (PREDICT, {"inputs": {"photo": [b64(b"")]}}, 400, "image_bytes"),
        (PREDICT, {"instances": [{"b64": "no base64!"}]}, 400, "base64"),
        (PREDICT, {"inputs": b64(b"")}, 400, "shape"),
        (PREDICT, {"signature_name": "pixels", "instances": [[[[0, 0, 0]]]]}, 400, "64"),
        (PREDICT, {"signature_name": "pixels", "instances": [[1], [1, 2]]}, 400, "non-rectangular"),
    ],
)
def test_rest_refuses_wrong_requests(rest, path, request_, status, said):
    got, answer = rest(path, request_)
    assert got == status
    assert said in answer["error"]


def test_grpc_gives_the_rows_of_the_engine(predict, batch, expected):
    check(predict(image_bytes=batch), expected)
    assert predict(image_bytes=np.array([], object))["score"] == []


def test_grpc_refuses_wrong_shapes_types_and_names(predict):
    import grpc

    for status, signature, inputs in (
        ("INVALID_ARGUMENT", "pixels", {"pixels": np.zeros((1, 32, 32, 3), np.float32)}),
        ("INVALID_ARGUMENT", "pixels", {"pixels": np.zeros((1, 64, 64, 3), np.uint8)}),
        ("INVALID_ARGUMENT", "", {"image_bytes": b"one without a batch"}),
        ("INVALID_ARGUMENT", "", {"photo": [b""]}),
        ("NOT_FOUND", "", {"name": "other", "image_bytes": [b""]}),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            predict(signature, **inputs)
        assert refused.value.code().name == status


def test_clients_at_the_same_time_get_their_own_rows(predict, rest, batch, expected):
    def over_grpc(start):
        rows = [(start + i) % len(batch) for i in range(3)]
        check(predict(image_bytes=[batch[i] for i in rows]), expected.iloc[rows])

    def over_rest(start):
        rows = [(start + i) % len(batch) for i in range(2)]
        _, answer = rest(PREDICT, {"instances": [b64(batch[i]) for i in rows]})
        check(turned(answer["predictions"]), expected.iloc[rows])

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit((over_grpc, over_rest)[i % 2], i) for i in range(24)]
    for call in calls:
        call.result()


def test_warm_up_requests_are_messages_of_tensorflow_serving(exported, predict):
    from tensorflow_serving.apis import prediction_log_pb2

    for record in tf.data.TFRecordDataset(str(exported / FILE)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        assert request.model_spec.name == "amtenet"
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        said = predict(request.model_spec.signature_name, **inputs)
        assert np.isfinite(said["score"]).all()


def test_the_documented_configuration_is_what_the_server_reads():
    pytest.importorskip("tensorflow_serving.config", reason="needs the stubs")
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    text = (SERVING / "models.config").read_text()
    config = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    [served] = config.model_config_list.config
    assert served.name == DEFAULT_MODEL
    assert served.base_path == f"/models/{DEFAULT_MODEL}"
    compose = yaml.safe_load((SERVING / "compose.yaml").read_text())["services"]["serving"]
    for argument in compose["command"]:
        if "=/config/" in argument:
            assert (SERVING / argument.rpartition("/")[2]).is_file()
