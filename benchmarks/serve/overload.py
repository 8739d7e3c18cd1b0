"""What the service does when it is asked too much, for long, or to end."""

from __future__ import annotations

import http.client
import multiprocessing
import re
import signal
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.serve.service import PORTRAIT, Form, form_of, served

CLIENTS_AT_ONCE = 64
PROBE_EVERY = 0.02  # seconds


def measure_overload(options: Any) -> None:
    """64 clients before a queue of 8: what they are told, and whether the probes still answer."""
    form = form_of([PORTRAIT])
    with served("--workers", "2", "--waiting", "8") as service:
        told: Counter[int] = Counter()
        with ThreadPoolExecutor(CLIENTS_AT_ONCE) as pool, alone() as prober:
            prober.submit(
                probe, f"{service.address}/healthz", 0.1
            ).result()  # its process has started
            probing = prober.submit(probe, f"{service.address}/healthz", options.seconds)
            asked = [
                pool.submit(ask, service.images, form, options.seconds)
                for _ in range(CLIENTS_AT_ONCE)
            ]
            for client in asked:
                told += client.result()
            waits = probing.result()
    print(f"{CLIENTS_AT_ONCE} clients, queue of 8: {dict(told)}")
    print(f"/healthz: {len(waits)} asked, p99 {np.percentile(waits, 99) * 1000:.0f} ms")


def ask(address: str, form: Form, seconds: float) -> Counter[int]:
    """Ask again and again: how often each status was the answer; 0 where there was none.

    The request is made once, by hand: clients share the cores with what they ask.
    """
    told: Counter[int] = Counter()
    request = httpx.Request("POST", address, files=form)
    body, headers = request.read(), {"content-type": request.headers["content-type"]}
    end = time.monotonic() + seconds
    connection = http.client.HTTPConnection(request.url.netloc.decode(), timeout=60)
    while time.monotonic() < end:
        try:
            connection.request("POST", request.url.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            told[answer.status] += 1
        except OSError:
            connection.close()
            told[0] += 1
    connection.close()
    return told


def alone() -> ProcessPoolExecutor:
    """A process that does not wait for the clients' threads."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def probe(address: str, seconds: float) -> list[float]:
    """Seconds that each answer of a probe took."""
    waits = []
    end = time.monotonic() + seconds
    with httpx.Client(timeout=60) as client:
        while time.monotonic() < end:
            time.sleep(PROBE_EVERY)
            begun = time.monotonic()
            client.get(address)
            waits.append(time.monotonic() - begun)
    return waits


def measure_memory(options: Any) -> None:
    """Resident memory before and after many requests."""
    form = form_of([PORTRAIT])
    with served() as service, httpx.Client(timeout=60) as client:
        post = lambda: client.post(service.images, files=form)  # noqa: E731
        for _ in range(options.requests // 5):
            post()
        before = resident(service.process.pid)
        for _ in range(options.requests):
            post()
        grown = resident(service.process.pid) - before
    print(
        f"memory: {before / 1e6:.0f} MB after {options.requests // 5} requests, "
        f"{grown / options.requests:+.0f} bytes a request over the next {options.requests}"
    )


def measure_drain(options: Any) -> None:
    """SIGTERM amid requests: all that were accepted, as the log has them, reach their clients."""
    form = form_of([PORTRAIT])
    with served("--workers", "2", "--waiting", "16") as service:
        with ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(ask_until_gone, service.images, form) for _ in range(16)]
            time.sleep(options.seconds / 2)
            service.process.send_signal(signal.SIGTERM)
            received = sum(client.result() for client in asked)
        status = service.process.wait()
        print(f"drain: {service.answered()} answered, {received} received, exit code {status}")


def ask_until_gone(address: str, form: Form) -> int:
    """Ask until nobody answers any more, each time anew: how often there was a judgement."""
    received = 0
    while True:
        try:
            answer = httpx.post(address, files=form, timeout=60, headers={"connection": "close"})
        except httpx.TransportError:
            return received
        received += answer.status_code == 200


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    assert found
    return int(found[1]) * 1024
