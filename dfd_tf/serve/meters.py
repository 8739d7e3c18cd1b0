"""What the service counts and times, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meters:
    """The meters of one service, in a registry of their own.

    Args:
        depth: says how many requests wait for a worker.
    """

    def __init__(self, depth: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dfd_requests", "Answers", ["route", "status"], registry=self.registry
        )
        self.verdicts = Counter("dfd_verdicts", "Rows", ["verdict"], registry=self.registry)
        self.wait = self._seconds("wait", "Waiting for a worker, a request")
        self.prepare = self._seconds("prepare", "Decoding and finding faces, a request")
        self.score = self._seconds("score", "Inside the network, a request")
        self.answer = self._seconds("answer", "From the first byte to the answer")
        gauge = Gauge("dfd_queue_depth", "Requests waiting for a worker", registry=self.registry)
        gauge.set_function(depth)

    def _seconds(self, name: str, purpose: str) -> Any:
        return Histogram(f"dfd_{name}_seconds", purpose, registry=self.registry, buckets=_SECONDS)
