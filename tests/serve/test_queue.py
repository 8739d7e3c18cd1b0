"""More requests than there is room for, slow answers, and the end."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from dfd_tf.serve import workers
from dfd_tf.serve.app import create_app
from dfd_tf.serve.logs import LOG, _JsonLines
from dfd_tf.serve.service import Service
from dfd_tf.serve.settings import Settings

from .conftest import running


class Held(Service):
    """A service whose network waits until it is let go."""

    def __init__(self, settings):
        self.go = threading.Event()
        self.calls = 0
        super().__init__(settings)

    def _load(self):
        detector = super()._load()
        return replace(detector, model=HeldScorer(detector.model, self))


class HeldScorer:
    squares_per_call = 1

    def __init__(self, model, service):
        self.model, self.service = model, service

    def predict_on_batch(self, squares):
        if self.service.workers.warm:
            self.service.calls += 1
            assert self.service.go.wait(30)
        return self.model.predict_on_batch(squares)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def photo(encode, form):
    return form(a=encode())


def test_a_full_queue_refuses_and_the_probes_answer(photo):
    settings = Settings(faces="whole", workers=1, waiting=2)
    with running(settings, Held) as (client, service), ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/images", files=photo) for _ in range(3)]
        until(lambda: service.workers.full)
        refused = client.post("/v1/images", files=photo)
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:dfd:problem:queue-full"
        assert refused.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200
        assert "dfd_queue_depth 2.0" in client.get("/metrics").text
        service.go.set()
        assert [answer.result().status_code for answer in asked] == [200] * 3
        assert client.post("/v1/images", files=photo).status_code == 200


def test_a_full_queue_is_waited_for_a_moment(photo, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 2)
    settings = Settings(faces="whole", workers=1, waiting=0)
    with running(settings, Held) as (client, service), ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/images", files=photo)]
        until(lambda: service.workers.full)
        asked.append(pool.submit(client.post, "/v1/images", files=photo))
        time.sleep(0.2)
        service.go.set()
        assert [answer.result().status_code for answer in asked] == [200] * 2


def test_what_was_given_up_while_it_waited_is_not_begun(photo):
    settings = Settings(faces="whole", workers=1, waiting=2, timeout=0.3)
    with running(settings, Held) as (client, service), ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/images", files=photo) for _ in range(3)]
        told = [answer.result() for answer in asked]
        assert {answer.status_code for answer in told} == {503}
        assert {answer.json()["type"] for answer in told} == {"urn:dfd:problem:timeout"}
        # What is under way keeps its place until it is done.
        assert service.workers.depth == 0
        assert not service.workers.full
        service.go.set()
        assert client.post("/v1/images", files=photo).status_code == 200
        assert service.calls == 2


def test_uploads_share_a_bounded_memory(encode, form):
    photo = form(a=encode("BMP"))  # 32 kB
    settings = Settings(faces="whole", workers=1, max_body=40_000, max_uploads=70_000)
    with running(settings, Held) as (client, service), ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/images", files=photo) for _ in range(2)]
        until(lambda: service.uploads._held > 60_000)
        refused = client.post("/v1/images", files=photo)
        assert refused.json()["type"] == "urn:dfd:problem:uploads-full"
        service.go.set()
        assert [answer.result().status_code for answer in asked] == [200] * 2
        assert service.uploads._held == 0


class Loading(Held):
    """A service that is not ready before it is let go."""

    def _load(self):
        assert self.go.wait(30)
        return super()._load()


def test_not_ready_while_it_loads_and_while_it_ends(photo):
    service = Loading(Settings(faces="whole", workers=1))
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        for answer in (client.get("/readyz"), client.post("/v1/images", files=photo)):
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:dfd:problem:not-ready"
        service.go.set()
        until(lambda: client.get("/readyz").status_code == 200)
        service.draining = True
        assert client.get("/readyz").json()["type"] == "urn:dfd:problem:draining"
        assert client.post("/v1/images", files=photo).status_code == 200


class Breaking(Held):
    """A service whose network fails once it is warm."""

    def _load(self):
        detector = super()._load()
        return replace(detector, model=BreakingScorer(detector.model.model, self))


class BreakingScorer(HeldScorer):
    def predict_on_batch(self, squares):
        if self.service.workers.warm:
            raise RuntimeError("something about anna.jpg")
        return self.model.predict_on_batch(squares)


def test_a_fault_of_ours_is_told_without_its_message(photo, caplog, monkeypatch):
    monkeypatch.setattr(LOG, "propagate", True)
    service = Breaking(Settings(faces="whole", workers=1))
    app = create_app(service)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        until(lambda: service.workers.warm)
        answer = client.post("/v1/images", files=photo)
        assert client.get("/readyz").status_code == 200
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "anna" not in answer.text
    fault = next(record for record in caplog.records if record.levelname == "ERROR")
    assert fault.fields["error"] == "RuntimeError"
    assert fault.fields["request"] == answer.json()["request"]
    assert any("predict_on_batch" in frame for frame in fault.fields["at"])
    assert "anna" not in _JsonLines().format(fault)
