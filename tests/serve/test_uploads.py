"""Uploads that do not come to their end."""

import asyncio

import pytest
from starlette.requests import Request

from dfd_tf.serve.problems import Problem
from dfd_tf.serve.settings import Settings
from dfd_tf.serve.uploads import Uploads

START = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + bytes(100)


def upload(uploads, *messages):
    """What comes of a request whose body arrives in these messages, and then no further."""
    left = list(messages)

    async def receive():
        if left:
            return left.pop(0)
        await asyncio.sleep(30)

    async def read():
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        scope = {"type": "http", "method": "POST", "headers": headers}
        async with uploads.photos(Request(scope, receive)) as photos:
            return photos

    return asyncio.run(read())


@pytest.fixture
def uploads():
    return Uploads(Settings(upload_timeout=0.1, max_body=1000, max_uploads=1500))


def test_one_that_stops_is_told_and_holds_nothing(uploads):
    for _ in range(20):  # more than there would be room for together
        with pytest.raises(Problem, match=r"more than 0\.1 seconds") as told:
            upload(uploads, {"type": "http.request", "body": START, "more_body": True})
        assert told.value.status == 408
    end = {"type": "http.request", "body": START + b"\r\n--x--\r\n", "more_body": False}
    assert upload(uploads, end)[0].data == bytes(100)


def test_a_client_that_leaves_holds_nothing(uploads):
    for _ in range(20):
        with pytest.raises(Problem, match="left"):
            begun = {"type": "http.request", "body": START, "more_body": True}
            upload(uploads, begun, {"type": "http.disconnect"})


def test_a_file_is_not_written_to_the_disk(uploads, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a file on the disk")

    monkeypatch.setattr("tempfile._TemporaryFileWrapper", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    content = bytes(3_000_000)
    large = Uploads(Settings())
    body = START[:-100] + content + b"\r\n--x--\r\n"
    assert upload(large, {"type": "http.request", "body": body, "more_body": False})[0].data == (
        content
    )
