"""A stand-in for TensorFlow Serving: its two protocols over an exported SavedModel.

It speaks what the official stubs speak and the REST shapes of TensorFlow Serving's documentation,
and runs the signatures as `tf.saved_model.load` gives them. It is no server for use: the official
one batches, watches for versions and measures itself, and none of that is here.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from concurrent import futures
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

OUTPUTS = ("score", "logit", "verdict", "reason")


class BadRequest(Exception):
    """A request that is refused.

    Args:
        status: of gRPC, by name.
        message: for the client.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Served:
    """A model under a name, from its highest version."""

    base: Path

    def __post_init__(self) -> None:
        self.name = self.base.name
        self.version = max(int(path.name) for path in self.base.iterdir() if path.name.isdecimal())
        self._loaded = tf.saved_model.load(str(self.base / str(self.version)))

    def specification(self, name: str, signature: str) -> dict[str, Any]:
        """TensorSpecs of a signature's inputs."""
        if name != self.name:
            raise BadRequest("NOT_FOUND", f"Servable not found for request: Latest({name})")
        if signature not in self._loaded.signatures:
            raise BadRequest("INVALID_ARGUMENT", f"Serving signature name {signature!r} not found")
        return self._loaded.signatures[signature].structured_input_signature[1]

    def run(self, name: str, signature: str, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
        """Call a signature."""
        specification = self.specification(name, signature)
        if set(inputs) != set(specification):
            message = f"inputs {sorted(inputs)} are not those expected, {sorted(specification)}"
            raise BadRequest("INVALID_ARGUMENT", message)
        for key, value in inputs.items():
            if not specification[key].is_compatible_with(value):
                message = f"{key} has shape {value.shape} and type {value.dtype.name}"
                raise BadRequest("INVALID_ARGUMENT", f"{message}, expected {specification[key]}")
        said = self._loaded.signatures[signature](**inputs)
        return {key: said[key].numpy() for key in OUTPUTS}


class RestHandler(BaseHTTPRequestHandler):
    """GET /v1/models/NAME and POST /v1/models/NAME:predict."""

    served: Served
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.removeprefix("/v1/models/").partition("/")[0]
        if name != self.served.name:
            self._answer(404, {"error": f"Could not find any versions of model {name}"})
            return
        status = {"error_code": "OK", "error_message": ""}
        version = {"version": str(self.served.version), "state": "AVAILABLE", "status": status}
        self._answer(200, {"model_version_status": [version]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            name, verb = self.path.removeprefix("/v1/models/").rsplit(":", 1)
            if verb != "predict":
                raise BadRequest("INVALID_ARGUMENT", f"Malformed request: POST {self.path}")
            self._answer(200, self._predict(name, json.loads(body)))
        except BadRequest as error:
            self._answer(404 if error.status == "NOT_FOUND" else 400, {"error": str(error)})
        except (ValueError, tf.errors.OpError) as error:
            self._answer(400, {"error": str(error)})

    def _predict(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        signature = request.get("signature_name", "serving_default")
        specification = self.served.specification(name, signature)
        if ("instances" in request) == ("inputs" in request):
            raise BadRequest("INVALID_ARGUMENT", "one of 'instances' and 'inputs' is expected")
        columns = (
            _columns(request["instances"], next(iter(specification)))
            if "instances" in request
            else _named(request["inputs"], next(iter(specification)))
        )
        tensors = {
            key: tf.constant(_unwrap(value), specification[key].dtype)
            for key, value in columns.items()
            if key in specification
        }
        said = {
            key: [v.decode() if isinstance(v, bytes) else v for v in value.tolist()]
            for key, value in self.served.run(name, signature, tensors).items()
        }
        if "inputs" in request:
            return {"outputs": said}
        rows = zip(*said.values(), strict=True)
        return {"predictions": [dict(zip(said, row, strict=True)) for row in rows]}

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()  # with NaN as a token, as TensorFlow Serving writes it
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _columns(instances: list[Any], only: str) -> dict[str, list[Any]]:
    """Rows to columns; a row is a dict of inputs, or the value of the only one."""
    rows = [_named(row, only) for row in instances]
    return {only: [row[only] for row in rows]}


def _named(value: Any, only: str) -> dict[str, Any]:
    return value if isinstance(value, dict) and "b64" not in value else {only: value}


def _unwrap(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b64"], validate=True)
    return [_unwrap(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def served(exported: Path) -> Served:
    """The exported detector, loaded as TensorFlow Serving loads it."""
    return Served(exported.parent)


@pytest.fixture(scope="session")
def rest(served: Served) -> Any:
    """Call the REST protocol: path and request to status and answer."""
    handler = type("Handler", (RestHandler,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()

    def call(path: str, request: Any = None) -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{server.server_port}{path}"
        body = None if request is None else json.dumps(request).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    yield call
    server.shutdown()


@pytest.fixture(scope="session")
def predict(served: Served) -> Any:
    """Call PredictionService.Predict through the official stubs."""
    grpc = pytest.importorskip("grpc")
    reason = "needs the stubs: pip install --no-deps tensorflow-serving-api==2.21.0"
    stubs = pytest.importorskip(
        "tensorflow_serving.apis.prediction_service_pb2_grpc", reason=reason
    )
    from tensorflow_serving.apis import predict_pb2

    class Service(stubs.PredictionServiceServicer):  # type: ignore[name-defined]
        def Predict(self, request: Any, context: Any) -> Any:
            spec = request.model_spec
            inputs = {key: tf.constant(tf.make_ndarray(t)) for key, t in request.inputs.items()}
            try:
                said = served.run(spec.name, spec.signature_name or "serving_default", inputs)
            except BadRequest as error:
                context.abort(grpc.StatusCode[error.status], str(error))
            answer = predict_pb2.PredictResponse()
            for key, value in said.items():
                answer.outputs[key].CopyFrom(tf.make_tensor_proto(value))
            return answer

    server = grpc.server(futures.ThreadPoolExecutor(4))
    stubs.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    stub = stubs.PredictionServiceStub(channel)

    def call(signature: str = "", name: str = served.name, **inputs: Any) -> dict[str, list[Any]]:
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = name, signature
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
        answer = stub.Predict(request, timeout=60)
        return {key: tf.make_ndarray(answer.outputs[key]).tolist() for key in OUTPUTS}

    yield call
    channel.close()
    server.stop(None)
