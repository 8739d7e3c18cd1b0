"""Photos and requests with bytes changed: no faults of ours, and nothing hangs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np

from benchmarks.serve.service import PORTRAIT, form_of, served

HANGS_FROM = 2.0  # seconds


def measure_fuzz(options: Any) -> None:
    """Photos and whole requests with bytes changed, cut out or doubled."""
    rng = np.random.default_rng(options.seed)
    picture = PORTRAIT.read_bytes()
    with served() as service, httpx.Client(timeout=60) as client:
        request = client.build_request("POST", service.images, files=form_of([PORTRAIT]))
        body, kind = request.read(), request.headers["content-type"]
        roads: dict[str, Callable[[], httpx.Response]] = {
            "photos": lambda: client.post(service.images, files={"files": mutated(picture, rng)}),
            "requests": lambda: client.post(
                service.images,
                content=mutated(body, rng),
                headers={"content-type": kind},
            ),
        }
        for name, road in roads.items():
            told: Counter[int] = Counter()
            slowest = 0.0
            for _ in range(options.mutants):
                begun = time.monotonic()
                told[road().status_code] += 1
                slowest = max(slowest, time.monotonic() - begun)
            print(f"{options.mutants} mutated {name}: {dict(told)}, slowest {slowest:.2f} s")
            assert not any(status >= 500 and status != 503 for status in told)
            assert slowest < HANGS_FROM


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed, a piece cut out, and a piece doubled; mostly near the beginning."""
    data = bytearray(content)
    for place in (rng.random(8) ** 4 * len(data)).astype(int):
        data[place] = rng.integers(256)
    start, length = int(rng.random() ** 4 * len(data)), int(rng.integers(1, 400))
    piece = data[start : start + length]
    return bytes(data[:start] + piece * int(rng.integers(0, 3)) + data[start + length :])
