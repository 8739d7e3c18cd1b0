"""Photos a second of the light engine: this checkout against another, rows compared, and a peer.

Run from the repository root, with a worktree of an older commit beside it, the interpreter of an
environment with PyTorch (see `benchmarks/torch_judging.py`), or both:

    git worktree add /tmp/before COMMIT
    python -m benchmarks.judging --data my_crops --before /tmp/before --peer torch/bin/python

Each round is a process of its own, in turns. Seconds of CPU are what a busy machine disturbs least.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.timing import common_options
from dfd_tf import DEFAULT_MODEL
from dfd_tf.detectors.reading import expand_paths

HERE = Path(__file__).resolve().parents[1]
# Without it PyTorch pays for fresh pages at every operation.
KEEP_PAGES = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "268435456",
}
Round = dict[str, Any]


def judged(checkout: Path, model: str, faces: str, files: str) -> Round:
    """What judging the files of a list costs in a checkout."""
    command = [sys.executable, HERE / "benchmarks" / "judging_worker.py", files, model, faces, "1"]
    return _cost(command, {"PYTHONPATH": str(checkout)}, checkout)


def judged_by_peer(python: str, files: str) -> Round:
    """What it costs the peer."""
    return _cost([python, HERE / "benchmarks" / "torch_judging.py", files], KEEP_PAGES, HERE)


def _cost(command: list[Any], environment: dict[str, str], folder: Path) -> Round:
    known = os.environ | environment
    done = subprocess.run(
        [*map(str, command)], env=known, cwd=folder, capture_output=True, check=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--data", action="append", required=True, help="photo or folder")
    parser.add_argument("--before", type=Path, help="checkout to compare with")
    parser.add_argument("--peer", help="interpreter with PyTorch, to compare with")
    parser.add_argument("--photos", type=int, default=500, help="evenly drawn (default: 500)")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--faces", default="auto")
    options = parser.parse_args()
    files = sorted(expand_paths(options.data))
    files = files[:: max(1, len(files) // options.photos)][: options.photos]
    runs = {"now": partial(judged, HERE, options.model, options.faces)}
    if options.before:
        runs["before"] = partial(judged, options.before, options.model, options.faces)
    if options.peer:
        runs["peer"] = partial(judged_by_peer, options.peer)
    found: dict[str, list[Round]] = {name: [] for name in runs}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("\n".join(map(os.path.abspath, files)))
        names.flush()
        for _ in range(options.repeats):
            for name, run in runs.items():
                found[name].append(run(names.name))
    tell(found, len(files))


def tell(found: dict[str, list[Round]], n: int) -> None:
    """Print what a photo costs, and how many times as much it costs the others."""
    for name, rounds in found.items():
        cpu, wall = (statistics.median(r[k] for r in rounds) for k in ("cpu", "wall"))
        print(f"{name}: {1000 * cpu / n:.2f} ms of CPU a photo, {n / wall:.1f} photos/s")
    for name in {*found} - {"now"}:
        for clock in ("cpu", "wall"):
            pairs = zip(found[name], found["now"], strict=True)
            ratios = sorted(other[clock] / ours[clock] for other, ours in pairs)
            spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
            print(f"{name} / now, {clock}: {statistics.median(ratios):.2f} {spread}")
    if "before" in found:
        digests = {r["digest"] for name in ("now", "before") for r in found[name]}
        print(f"rows equal to the last digit: {'yes' if len(digests) == 1 else 'NO'}")


if __name__ == "__main__":
    main()
