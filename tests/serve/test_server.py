"""The server as it is run: a process on the loopback interface."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx

from .conftest import wait_for


def test_judges_and_finishes_what_is_under_way(start, encode, form):
    process, address = start("--workers", "1")
    files = form(**{f"{i}.jpg": encode(seed=i) for i in range(16)})
    expected = httpx.post(f"{address}/v1/images", files=files, timeout=60).json()
    assert len(expected["rows"]) == 16
    answers = []
    asking = [
        threading.Thread(
            target=lambda: answers.append(
                httpx.post(f"{address}/v1/images", files=files, timeout=60)
            )
        )
        for _ in range(4)
    ]
    for thread in asking:
        thread.start()
    wait_for(lambda: "dfd_queue_depth 3.0" in httpx.get(f"{address}/metrics").text or answers)
    process.send_signal(signal.SIGTERM)
    for thread in asking:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(answer.json() == expected for answer in answers)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained
    lines = [json.loads(line) for line in said.splitlines()]
    assert sum(line.get("route") == "/v1/images" for line in lines) == 5


def test_a_malformed_upload_leaves_one_line_and_no_more(start):
    process, address = start("--workers", "1")
    kind = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"--y\r\n", b"--x\r\nanna\x00: 1\r\n\r\n", b"nothing"):
        answer = httpx.post(f"{address}/v1/images", content=body, headers=kind)
        assert answer.status_code == 422
    process.terminate()
    said, complained = process.communicate(timeout=60)
    assert complained == ""
    assert [json.loads(line)["status"] for line in said.splitlines()] == [422] * 3


def test_an_answer_does_not_wait_for_a_receipt(start):
    _, address = start("--workers", "1")
    url = httpx.URL(address)
    ask = b"GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n" % url.netloc
    gaps = []
    with socket.create_connection((url.host, url.port)) as connection:
        for _ in range(30):
            connection.sendall(ask)
            gaps.append(_from_head_to_end(connection))
    # Only the time between the two packets counts: how long the answer took is another matter.
    assert sorted(gaps)[5] < 0.03


def _from_head_to_end(connection):
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)
    begun = time.monotonic()
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])
    while len(body) < length:
        body += connection.recv(65_536)
    return time.monotonic() - begun


def test_draining_is_seen_before_the_door_closes(start):
    process, address = start("--workers", "1", "--drain", "2")
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: httpx.get(f"{address}/readyz").status_code == 503)
    assert httpx.get(f"{address}/healthz").status_code == 200
    assert process.wait(timeout=30) == 0


def test_a_body_that_is_refused_unread_still_gets_its_answer(start):
    _, address = start("--workers", "1", "--max-megabytes", "1")
    for size in (1_500_000, 30_000_000):
        answer = httpx.post(f"{address}/v1/images", files={"files": bytes(size)}, timeout=60)
        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:dfd:problem:body-too-large"


def test_an_upload_in_pieces_without_a_length_is_bounded(start):
    _, address = start("--workers", "1", "--max-megabytes", "1")
    host = httpx.URL(address)
    connection = http.client.HTTPConnection(host.host, host.port, timeout=30)
    connection.putrequest("POST", "/v1/images")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    try:
        connection.send(b"%x\r\n%s\r\n" % (len(head), head))
        for _ in range(40):
            connection.send(b"%x\r\n%s\r\n" % (65_536, bytes(65_536)))
    except OSError:
        pass  # the answer is there already
    assert connection.getresponse().status == 413


def test_an_address_that_is_taken_is_said_in_words(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "dfd_tf", "serve", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr
