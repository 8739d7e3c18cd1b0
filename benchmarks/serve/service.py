"""A service to be measured, and what is sent to it. All requests stay on the loopback interface."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import matplotlib

PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
ROUTE = "/v1/images"
Form = list[tuple[str, tuple[str, bytes]]]


@dataclass(frozen=True)
class Running:
    """A service's address, its process and its log."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def images(self) -> str:
        """Where photos are sent."""
        return self.address + ROUTE

    def answered(self) -> int:
        """How many requests for judgements it has logged as answered."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return sum(line.get("route") == ROUTE and line["status"] == 200 for line in lines)


@contextmanager
def served(*options: str) -> Iterator[Running]:
    """A service of its own."""
    with _running([sys.executable, "-m", "dfd_tf", "serve", "--port", "0", *options]) as running:
        yield running


@contextmanager
def served_by_torch(python: Path) -> Iterator[Running]:
    """The opponent, by a Python that has what it needs."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    script = Path(__file__).with_name("torch_server.py")
    with _running([str(python), str(script), str(port)]) as running:
        yield running


@contextmanager
def _running(command: list[str]) -> Iterator[Running]:
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.PIPE)
        try:
            assert process.stderr is not None
            found = re.search(r"http://\S+", process.stderr.readline().decode())
            assert found, "the service does not start"
            while not _is_ready(found[0]):
                time.sleep(0.1)
            yield Running(found[0], process, Path(log.name))
        finally:
            process.terminate()
            process.wait()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def photos_of(options: Any) -> list[Path]:
    """Photos of a folder, else one portrait again and again."""
    if options.data:
        return sorted(options.data.rglob("*.jpg"))[: options.photos]
    return [PORTRAIT] * options.photos


def form_of(paths: Sequence[Path]) -> Form:
    """The form that sends files."""
    return [("files", (path.name, path.read_bytes())) for path in paths]
