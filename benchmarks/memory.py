"""Peak memory of the verbs that measure, by the number of photos.

Run from the repository root: `python -m benchmarks.memory evaluate audit robustness`. Pictures of
noise stand in for photos: how many there are is what matters, and no two are alike.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

SIDE = 64
# The kernel hands a parent's peak down to its children, and this process' own is in the way.
MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime]))
"""


def write_pictures(folder: Path, n: int) -> None:
    """Pictures of smooth noise as test/real and test/fake."""
    rng = np.random.default_rng(0)
    for label in ("real", "fake"):
        (folder / "test" / label).mkdir(parents=True)
    for i in range(n):
        coarse = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / "test" / ("real", "fake")[i % 2] / f"{i:06}.jpg"), picture)


def peak(verb: str, data: Path, out: Path, model: str) -> tuple[float, float]:
    """Megabytes and seconds of CPU that a verb takes."""
    detector = [] if verb == "audit" else ["--model", model, "--faces", "whole"]
    command = [sys.executable, "-m", "dfd_tf", verb, "--data", data, "--out", out, *detector]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, command), "--quiet"],
        capture_output=True,
        text=True,
        check=True,
    )
    code, megabytes, seconds = json.loads(done.stdout)
    if code > 1:
        raise SystemExit(f"dfd {verb} failed: {done.stderr}")
    return megabytes, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verbs", nargs="+", choices=("evaluate", "audit", "robustness"))
    parser.add_argument("--photos", type=int, nargs=2, default=(5000, 20000), metavar="N")
    parser.add_argument("--model", default="demo", help="detector (default: demo, the smallest)")
    options = parser.parse_args()
    for verb in options.verbs:
        found = []
        for n in options.photos:
            with tempfile.TemporaryDirectory() as folder:
                write_pictures(Path(folder) / "data", n)
                megabytes, seconds = peak(
                    verb, Path(folder) / "data", Path(folder) / "out", options.model
                )
            found.append(megabytes)
            print(f"{verb}, {n:,} photos: {megabytes:.0f} MB, {seconds:.0f} s of CPU", flush=True)
        few, many = options.photos
        slope = (found[1] - found[0]) / (many - few)
        at_most = found[1] + slope * (100_000 - many)
        print(f"{verb}: {1000 * slope:.1f} KB a photo; {at_most:.0f} MB at 100,000")


if __name__ == "__main__":
    main()
