"""Photos a second of the light engine: this checkout against another, rows compared.

Run from the repository root, with a worktree of an older commit beside it:

    git worktree add /tmp/before COMMIT
    python -m benchmarks.judging --data my_crops --before /tmp/before

Each round is a process of its own, in turns. Seconds of CPU are what a busy machine disturbs least.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.timing import common_options
from dfd_tf import DEFAULT_MODEL
from dfd_tf.detectors.reading import expand_paths

HERE = Path(__file__).resolve().parents[1]


def judged(checkout: Path, files: Path, model: str, faces: str) -> dict[str, Any]:
    """What judging the files costs in a checkout."""
    command = [sys.executable, HERE / "benchmarks" / "judging_worker.py", files, model, faces, "1"]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [*map(str, command)], env=environment, cwd=checkout, capture_output=True, check=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--data", action="append", required=True, help="photo or folder")
    parser.add_argument("--before", type=Path, required=True, help="checkout to compare with")
    parser.add_argument("--photos", type=int, default=500, help="evenly drawn (default: 500)")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--faces", default="auto")
    options = parser.parse_args()
    files = sorted(expand_paths(options.data))
    files = files[:: max(1, len(files) // options.photos)][: options.photos]
    found: dict[Path, list[dict[str, Any]]] = {options.before: [], HERE: []}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("\n".join(map(os.path.abspath, files)))
        names.flush()
        for _ in range(options.repeats):
            for checkout, rounds in found.items():
                rounds.append(judged(checkout, Path(names.name), options.model, options.faces))
    for checkout, rounds in found.items():
        cpu, wall = (statistics.median(r[k] for r in rounds) for k in ("cpu", "wall"))
        print(
            f"{checkout}: {1000 * cpu / len(files):.2f} ms of CPU a photo, "
            f"{len(files) / wall:.1f} photos/s"
        )
    pairs = list(zip(*found.values(), strict=True))
    ratios = sorted(before["cpu"] / now["cpu"] for before, now in pairs)
    same = len({r["digest"] for rounds in found.values() for r in rounds}) == 1
    print(
        f"CPU before / now: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    print(f"rows equal to the last digit: {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
