"""The live service: its speed beside `dfd predict`, and what it does when it is asked too much.

Run from the repository root: `python -m benchmarks.serve`. All requests stay on the loopback
interface. `--peer PYTHON` measures torch_server.py beside it, by a Python that has PyTorch,
efficientnet_lite_pytorch, Pillow, fastapi, uvicorn and python-multipart.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.serve.fuzz import measure_fuzz
from benchmarks.serve.overload import measure_drain, measure_memory, measure_overload
from benchmarks.serve.speed import measure_equality, measure_speed
from benchmarks.timing import common_options

PARTS = {
    "speed": measure_speed,
    "equality": measure_equality,
    "overload": measure_overload,
    "memory": measure_memory,
    "drain": measure_drain,
    "fuzz": measure_fuzz,
}


def main() -> None:
    parser = common_options(__doc__)
    parser.add_argument("--data", type=Path, help="folder of photos (default: one portrait)")
    parser.add_argument("--photos", type=int, default=128, help="default: 128")
    parser.add_argument("--peer", type=Path, metavar="PYTHON", help="which has PyTorch")
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
