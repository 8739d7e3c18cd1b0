"""Maps on request: with their checks, or an answer that says why not."""

import base64
import io

import pytest
from PIL import Image

from dfd_tf.serve.settings import Settings

from .conftest import running


@pytest.mark.slow
def test_a_map_comes_with_its_checks(encode, form):
    pytest.importorskip("tf_keras_vis")
    with running(Settings(faces="whole", workers=1, timeout=300)) as (client, _):
        answer = client.post("/v1/images?explain=1", files=form(a=encode())).json()
        assert answer["rows"] == client.post("/v1/images", files=form(a=encode())).json()["rows"]
        none = client.post("/v1/images?explain=1", files=form(a=b"none")).json()
    drawn = answer["map"]
    start = "data:image/png;base64,"
    assert drawn["picture"].startswith(start)
    picture = Image.open(io.BytesIO(base64.b64decode(drawn["picture"].removeprefix(start))))
    assert min(picture.size) > 300
    assert drawn["method"].startswith("Grad-CAM at ")
    assert len(drawn["checks"]) == 3
    assert isinstance(drawn["failures"], list)
    assert none["map"] is None


def test_one_map_a_request(whole, encode, form):
    answer = whole.post("/v1/images?explain=1", files=form(a=encode(), b=encode()))
    assert answer.json()["type"] == "urn:dfd:problem:one-photo"


def test_without_tensorflow_it_says_so(encode, form, monkeypatch):
    monkeypatch.setattr("dfd_tf.serve.maps.find_spec", lambda name: None)
    with running(Settings(faces="whole", workers=1)) as (client, _):
        answer = client.post("/v1/images?explain=1", files=form(a=encode()))
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:dfd:problem:no-maps"
        assert client.get("/v1/models/efficientnet_lite0").json()["maps"] is False
