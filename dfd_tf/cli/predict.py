"""Judge images: one row a file, with the calibrated probability that it is fake.

A PATH is an image, a folder (all files below it) or - for a list of paths on standard input. A
file that cannot be judged keeps its row, with the reason; the exit code is then 1.

Examples:
  dfd predict photo.jpg
  dfd predict folder --format csv --out verdicts.csv
  find . -name "*.png" | dfd predict - --model runs/mine --format json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from dfd_tf.cli.quiet import start_tensorflow
from dfd_tf.errors import UserError

COLUMNS = ["path", "score", "verdict", "reason"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image, folder or -")
    parser.add_argument(
        "--model", default="amtenet", help="bundle folder, run folder or shipped name"
    )
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument("--out", type=Path, help="file to write instead of the screen")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.bundle import find_bundle, load_detector
    from dfd_tf.scoring import expand_paths

    find_bundle(options.model)
    paths = expand_paths(_given(options.paths))
    if not paths:
        raise UserError(f"no files found in {', '.join(options.paths)}.")
    start_tensorflow()
    detector = load_detector(options.model)
    judged = detector.judge(paths, progress=len(paths) > 1 and not options.quiet)[COLUMNS]
    if not options.quiet:
        low, high = detector.calibration.band
        print(
            f"{options.model}: inconclusive from {low:.4f}, fake from {high:.4f}", file=sys.stderr
        )
    text = _FORMATS[options.format](judged)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return int((judged.verdict == "error").any())


def _given(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if path == "-":
            yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        else:
            yield path


def _table(judged) -> str:  # type: ignore[no-untyped-def]  # pandas loads after --help
    width = max(7, *(len(_printable(path)) for path in judged.path))
    lines = [f"{'path':{width}}  P(fake)  verdict       reason"]
    for row in judged.itertuples():
        score = "      -" if row.score != row.score else f"{row.score:7.4f}"
        line = f"{_printable(row.path):{width}}  {score}  {row.verdict:12}  {row.reason}"
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _printable(path: str) -> str:
    """A path without characters that could move the cursor or are no text."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def _json(judged) -> str:  # type: ignore[no-untyped-def]
    rounded = judged.assign(score=judged.score.round(6))
    return rounded.to_json(orient="records", indent=2, double_precision=6) + "\n"


def _csv(judged) -> str:  # type: ignore[no-untyped-def]
    return judged.to_csv(index=False, float_format="%.6f", lineterminator="\n")


_FORMATS = {"table": _table, "json": _json, "csv": _csv}
