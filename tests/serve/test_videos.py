"""Videos sent to the service: jobs that tell how far they are, and can be stopped."""

import json

import pytest

av = pytest.importorskip("av", reason="needs the extra video: pip install '.[video]'")

from dfd_tf.data.images.decode import decode_image  # noqa: E402
from dfd_tf.demo.example import Example, render_example  # noqa: E402

VIDEO = {"content-type": "video/mp4"}


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A file of four seconds of a sitter."""
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    portrait = decode_image(render_example(Example(0, "test", 2))[0])
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.height, stream.width = portrait.shape[:2]
        for _ in range(32):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(portrait, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def client(serving):
    with serving(longest_video=60, max_video=2_000_000) as client:
        yield client


def events(client, job):
    text = client.get(f"/v1/jobs/{job}/events").text
    return [json.loads(part.partition("data: ")[2]) for part in text.strip().split("\n\n")]


def test_a_video_is_judged_as_by_the_command(client, talk):
    import dfd_tf

    sent = client.post("/v1/videos", content=talk.read_bytes(), headers=VIDEO)
    assert sent.status_code == 202
    job = sent.json()["id"]
    assert sent.headers["location"] == f"/v1/jobs/{job}"
    told = events(client, job)
    assert [one["state"] for one in told][-1] == "done"
    assert max(one["seconds"] for one in told) == 3
    verdict = told[-1]["verdict"]
    assert client.get(f"/v1/jobs/{job}").json()["verdict"] == verdict
    expected = dfd_tf.judge_video(talk)
    assert verdict == {name: expected[name] for name in verdict} | {"path": "video"}
    (person,) = client.get(f"/v1/jobs/{job}/persons").json()
    assert len(person["times"]) == len(person["scores"]) == verdict["persons"][0]["frames"] == 16
    assert all(0 <= score <= 1 for score in person["scores"])
    assert all(one["uri"].startswith("data:image/jpeg;base64,") for one in person["pictures"])
    assert client.delete(f"/v1/jobs/{job}").status_code == 204
    assert client.get(f"/v1/jobs/{job}").status_code == 404


def test_what_is_no_video_has_a_verdict_that_says_so(client):
    job = client.post("/v1/videos", content=b"no video", headers=VIDEO).json()["id"]
    verdict = events(client, job)[-1]["verdict"]
    assert verdict["verdict"] == "error"
    assert verdict["reason"].startswith("cannot be read as a video")
    assert client.get(f"/v1/jobs/{job}/persons").json() == []


def test_a_job_is_stopped(client, talk):
    job = client.post("/v1/videos", content=talk.read_bytes(), headers=VIDEO).json()["id"]
    assert client.delete(f"/v1/jobs/{job}").status_code == 204
    assert client.get(f"/v1/jobs/{job}").status_code == 404


def test_what_is_refused(client):
    def status(**request):
        return client.post("/v1/videos", **request).status_code

    assert status(content=b"x", headers={"content-type": "image/png"}) == 415
    assert status(content=b"", headers=VIDEO) == 422
    assert status(content=bytes(2_000_001), headers=VIDEO) == 413
    assert client.get("/v1/jobs/none").status_code == 404


def test_what_is_too_long_or_takes_too_long(serving, talk):
    with serving(longest_video=2) as client:
        job = client.post("/v1/videos", content=talk.read_bytes(), headers=VIDEO).json()["id"]
        last = events(client, job)[-1]
        assert (last["state"], last["reason"]) == ("refused", "longer than the limit of 2 seconds")
    with serving(video_timeout=0.1) as client:
        job = client.post("/v1/videos", content=talk.read_bytes(), headers=VIDEO).json()["id"]
        last = events(client, job)[-1]
        assert (last["state"], last["reason"]) == ("failed", "it took longer than 0.1 seconds")
