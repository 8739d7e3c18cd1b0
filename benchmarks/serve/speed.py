"""Photos/s of the service, beside `dfd predict` and beside what one writes first; equal scores."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks.serve.service import form_of, photos_of, served, served_by_torch
from benchmarks.timing import CLOCKS, Measurement, interleave, ratio_line, report
from dfd_tf import DEFAULT_MODEL, load_detector

FILES_A_REQUEST = 16
PREDICT, BATCHED, SINGLE, PEER = "dfd predict", "POST, 16 a request", "POST, 1 a request", "PyTorch"


def measure_speed(options: Any) -> None:
    """Photos/s."""
    paths = photos_of(options)
    with ExitStack() as stack:
        images = stack.enter_context(served()).images
        found = {
            PREDICT: predicting(paths),
            BATCHED: posting(images, paths, FILES_A_REQUEST),
            SINGLE: posting(images, paths, 1),
        }
        if options.peer:
            peer = stack.enter_context(served_by_torch(options.peer))
            found[PEER] = posting(peer.images, paths, 1)
        for measurement in found.values():
            measurement()()
        rates = interleave(found, options.repeats, CLOCKS[options.clock])
    lines = [ratio_line(rates, name, PREDICT, target=0.8) for name in (BATCHED, SINGLE)]
    if options.peer:
        lines.append(ratio_line(rates, SINGLE, PEER, target=2))
    report(f"Live service, photos/s, {options.clock} time", rates, lines, options.out)


def posting(images: str, paths: Sequence[Path], size: int) -> Measurement:
    """All photos, so many a request, from as many clients as there are workers waiting."""
    forms = [form_of(paths[i : i + size]) for i in range(0, len(paths), size)]

    def run() -> int:
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda form: client.post(images, files=form), forms))
        assert all(answer.status_code == 200 for answer in answers)
        return len(paths)

    return lambda: run


def predicting(paths: Sequence[Path]) -> Measurement:
    """The same photos by the road of `dfd predict`, in this process."""
    detector = load_detector(DEFAULT_MODEL, engine="lite")
    return lambda: lambda: sum(1 for _ in detector.judgements(list(paths)))


def measure_equality(options: Any) -> None:
    """Whether the service's scores and verdicts are those that `dfd predict` prints."""
    paths = photos_of(options)
    command = [sys.executable, "-m", "dfd_tf", "predict", "--quiet", "--format", "csv"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=True)
    theirs = [(row["score"], row["verdict"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    ours = []
    with served() as service:
        for path in paths:
            rows = httpx.post(service.images, files=form_of([path]), timeout=60).json()["rows"]
            ours += [(_as_csv(row["score"]), row["verdict"]) for row in rows]
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"equality: {same} of {len(theirs)} rows of {len(paths)} photos are the same text")


def _as_csv(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"
