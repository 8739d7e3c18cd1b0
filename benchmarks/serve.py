"""The live service: its speed beside `dfd predict`, and what it does when it is asked too much.

Run from the repository root: `python -m benchmarks.serve`; needs no PyTorch. All requests stay on
the loopback interface.
"""

from __future__ import annotations

import http.client
import multiprocessing
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import matplotlib
import numpy as np

from benchmarks.timing import CLOCKS, Measurement, common_options, interleave, ratio_line, report
from dfd_tf import DEFAULT_MODEL, load_detector

PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
FILES_A_REQUEST = 16
CLIENTS_AT_ONCE = 64
PROBE_EVERY = 0.02
HANGS_FROM = 2.0  # seconds
Form = list[tuple[str, tuple[str, bytes]]]


@contextmanager
def served(*options: str) -> Iterator[tuple[str, int]]:
    """A service of its own: its address and its process."""
    command = [sys.executable, "-m", "dfd_tf", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, "the service does not start"
        while httpx.get(f"{found[0]}/readyz").status_code != 200:
            time.sleep(0.1)
        yield found[0], process.pid
    finally:
        process.terminate()
        process.wait()


def photos_of(options: Any) -> list[Path]:
    """Photos of a folder, else one portrait again and again."""
    if options.data:
        return sorted(options.data.rglob("*.jpg"))[: options.photos]
    return [PORTRAIT] * options.photos


def form_of(paths: Sequence[Path]) -> Form:
    """The form that sends files."""
    return [("files", (path.name, path.read_bytes())) for path in paths]


def posting(address: str, paths: Sequence[Path], size: int) -> Measurement:
    """All photos, so many a request, from as many clients as there are workers waiting."""
    forms = [form_of(paths[i : i + size]) for i in range(0, len(paths), size)]

    def run() -> int:
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda f: client.post(f"{address}/v1/images", files=f), forms))
        return sum(len(answer.json()["rows"]) >= 1 for answer in answers) and len(paths)

    return lambda: run


def predicting(paths: Sequence[Path]) -> Measurement:
    """The same photos by the road of `dfd predict`, in this process."""
    detector = load_detector(DEFAULT_MODEL, engine="lite")
    return lambda: lambda: sum(1 for _ in detector.judgements(list(paths)))


def measure_speed(options: Any) -> None:
    """Photos/s."""
    paths = photos_of(options)
    with served() as (address, _):
        found = {
            "dfd predict": predicting(paths),
            "POST, 16 a request": posting(address, paths, FILES_A_REQUEST),
            "POST, 1 a request": posting(address, paths, 1),
        }
        for measurement in found.values():
            measurement()()
        rates = interleave(found, options.repeats, CLOCKS["wall"])
    ours = [name for name in found if name.startswith("POST")]
    lines = [ratio_line(rates, name, "dfd predict", target=0.8) for name in ours]
    report("Live service, photos/s, wall time", rates, lines, options.out)


def measure_overload(options: Any) -> None:
    """64 clients before a queue of 8: what they are told, and whether the probes still answer."""
    form = form_of([PORTRAIT])
    with served("--workers", "2", "--waiting", "8") as (address, _):
        told: Counter[int] = Counter()
        with ThreadPoolExecutor(CLIENTS_AT_ONCE) as pool, alone() as prober:
            prober.submit(probe, f"{address}/healthz", 0.1).result()  # its process has started
            probing = prober.submit(probe, f"{address}/healthz", options.seconds)
            asked = [
                pool.submit(ask, f"{address}/v1/images", form, options.seconds)
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
    with served() as (address, pid), httpx.Client(timeout=60) as client:
        post = lambda: client.post(f"{address}/v1/images", files=form)  # noqa: E731
        for _ in range(options.requests // 5):
            post()
        before = resident(pid)
        for _ in range(options.requests):
            post()
        grown = resident(pid) - before
    print(
        f"memory: {before / 1e6:.0f} MB after {options.requests // 5} requests, "
        f"{grown / options.requests:+.0f} bytes a request over the next {options.requests}"
    )


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    assert found
    return int(found[1]) * 1024


def measure_fuzz(options: Any) -> None:
    """Photos and whole requests with bytes changed, cut out or doubled."""
    rng = np.random.default_rng(options.seed)
    picture = PORTRAIT.read_bytes()
    with served() as (address, _), httpx.Client(timeout=60) as client:
        request = client.build_request("POST", f"{address}/v1/images", files=form_of([PORTRAIT]))
        body, kind = request.read(), request.headers["content-type"]
        roads: dict[str, Callable[[], httpx.Response]] = {
            "photos": lambda: client.post(
                f"{address}/v1/images", files={"files": mutated(picture, rng)}
            ),
            "requests": lambda: client.post(
                f"{address}/v1/images",
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


PARTS = {
    "speed": measure_speed,
    "overload": measure_overload,
    "memory": measure_memory,
    "fuzz": measure_fuzz,
}


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--data", type=Path, help="folder of photos (default: one portrait)")
    parser.add_argument("--photos", type=int, default=128, help="default: 128")
    parser.add_argument("--seconds", type=float, default=10, help="of overload (default: 10)")
    parser.add_argument("--requests", type=int, default=5000, help="for memory (default: 5000)")
    parser.add_argument("--mutants", type=int, default=10_000, help="of each kind (default: 10000)")
    parser.add_argument("--only", choices=tuple(PARTS), help="one part of it")
    options = parser.parse_args()
    for name, measure in PARTS.items():
        if options.only in (None, name):
            measure(options)


if __name__ == "__main__":
    main()
