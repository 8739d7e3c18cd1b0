"""A service in this process, and rendered photos to send to it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from dfd_tf.serve.app import create_app
from dfd_tf.serve.service import Service
from dfd_tf.serve.settings import Settings

ADDRESS = "http://127.0.0.1:8000"


@contextmanager
def running(settings: Settings, kind: type[Service] = Service) -> Iterator[tuple[TestClient, Any]]:
    """A client of a service that is ready."""
    service = kind(settings)
    with TestClient(create_app(service), base_url=ADDRESS) as client:
        deadline = time.monotonic() + 60
        while client.get("/readyz").status_code != 200:
            assert service.failure is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield client, service


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Make a file of smooth coloured noise, 90 x 120 pixels."""

    def make(file_format: str = "JPEG", seed: int = 0, **options: object) -> bytes:
        coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((120, 90), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        picture.save(buffer, file_format, **options)
        return buffer.getvalue()

    return make


@pytest.fixture(scope="package")
def whole() -> Iterator[TestClient]:
    """A service that judges photos as they are."""
    with running(Settings(faces="whole", workers=1)) as (client, _):
        yield client


@pytest.fixture(scope="session")
def serving() -> Callable[..., Any]:
    """A client of a service with some settings, while a block runs."""

    @contextmanager
    def serve(**known: Any) -> Iterator[TestClient]:
        with running(Settings(workers=1, **known)) as (client, _):
            yield client

    return serve


@pytest.fixture(scope="session")
def form() -> Callable[..., list[tuple[str, tuple[str, bytes]]]]:
    """The form that sends files by name."""

    def make(**files: bytes) -> list[tuple[str, tuple[str, bytes]]]:
        return [("files", (name, content)) for name, content in files.items()]

    return make


@contextmanager
def served(
    *options: str, log: int = subprocess.PIPE
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`dfd serve` on a free port: its process and its address.

    Whoever sends many requests throws the log away: a pipe that nobody reads is full after some
    300, and stops the service.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "dfd_tf", "serve", "--port", "0", *options],
        stdout=log,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = process.stderr.readline() if process.stderr else ""
        address = re.search(r"http://\S+", line)
        assert address, line
        wait_for(lambda: httpx.get(f"{address[0]}/readyz").status_code == 200)
        yield process, address[0]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start `dfd serve` for photos as they are: its process and its address."""
    with ExitStack() as started:
        yield lambda *options: started.enter_context(served("--faces", "whole", *options))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds, at most a minute; a server may not answer yet."""
    deadline = time.monotonic() + 60
    while True:
        try:
            if condition():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)
