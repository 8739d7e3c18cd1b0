"""Interleaved repetitions: on a machine that also does other work, only ratios mean something."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

# A measurement makes itself ready, untimed, and returns the timed part: a function that works
# through some images and returns their number.
Measurement = Callable[[], Callable[[], int]]
Rates = dict[str, list[float]]


def interleave(
    measurements: Mapping[str, Measurement], repeats: int, clock: Callable[[], float]
) -> Rates:
    """Images/s of each measurement, every round in turn so that a disturbance strikes all."""
    rates: Rates = {name: [] for name in measurements}
    for _ in range(repeats):
        for name, measure in measurements.items():
            run = measure()
            start = clock()
            rates[name].append(run() / (clock() - start))
    return rates


def cpu_seconds() -> float:
    """CPU time of this process, its threads and its children, ended or living, in seconds.

    Hardly disturbed by what else the machine does, but blind to cores left idle.
    """
    tasks = Path("/proc/self/task").iterdir()
    children = [pid for task in tasks for pid in _children_of(task)]
    ended = os.times()
    living = sum(_cpu_seconds_of(pid) for pid in children)
    return time.process_time() + ended.children_user + ended.children_system + living


def _children_of(task: Path) -> list[str]:
    try:
        return (task / "children").read_text(encoding="utf-8").split()
    except OSError:  # a thread that has just ended
        return []


def _cpu_seconds_of(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


CLOCKS = {"wall": time.perf_counter, "cpu": cpu_seconds}


def best(rates: Rates, names: list[str]) -> str:
    """Name of the highest median rate."""
    return max(names, key=lambda name: statistics.median(rates[name]))


def ratios(rates: Rates, name: str, base: str) -> tuple[float, float, float]:
    """Smallest, median and largest ratio of two rates of the same round."""
    found = [ours / theirs for ours, theirs in zip(rates[name], rates[base], strict=True)]
    return min(found), statistics.median(found), max(found)


def rate_table(rates: Rates) -> str:
    """Median, smallest and largest images/s as a Markdown table."""
    rows = ["| | images/s | smallest | largest |", "|---|---|---|---|"]
    for name, values in rates.items():
        figures = (statistics.median(values), min(values), max(values))
        cells = (f"{figure:.0f}" if figure >= 10 else f"{figure:.2f}" for figure in figures)
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def ratio_line(rates: Rates, name: str, base: str, target: float | None = None) -> str:
    """One row of a Markdown table: the ratio and whether the target is met."""
    low, middle, high = ratios(rates, name, base)
    verdict = "" if target is None else f">= {target:g}: {'yes' if middle >= target else 'NO'}"
    return f"| {name} / {base} | {middle:.2f} | {low:.2f} | {high:.2f} | {verdict} |"


def ratio_table(lines: list[str]) -> str:
    """Markdown table of `ratio_line` rows."""
    head = ["| ratio | median | smallest | largest | target |", "|---|---|---|---|---|"]
    return "\n".join(head + lines)


def report(title: str, rates: Rates, lines: list[str], out: Path | None) -> None:
    """Print both tables; write the figures of every round as JSON if a file is named."""
    load = os.getloadavg()[0]
    print(f"\n## {title}\n\n{os.cpu_count()} cores, load {load:.1f} at the end\n")
    print(rate_table(rates) + "\n\n" + ratio_table(lines))
    if out is not None:
        known = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
        out.write_text(json.dumps(known | {title: rates}, indent=1) + "\n", encoding="utf-8")


def common_options(description: str) -> argparse.ArgumentParser:
    """Parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="wall",
        help="wall time, or CPU time over all threads and processes (for a busy machine)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSON file to add the figures to")
    return parser
