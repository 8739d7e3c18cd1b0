"""Judge photos: one row a face, with the calibrated probability that it is fake.

A PATH is an image, a folder (all files below it) or - for a list of paths on standard input. A
file that cannot be judged, or has no face in it, keeps its row, with the reason; the exit code is
then 1.

Faces are found and cut out as the detector's training images show them, and the row says where.
An image that is such a cut already is judged as it is, to the same score as `dfd evaluate` gives.
--faces whole judges every image as it is, --faces detect cuts always.

A bundle that holds a LiteRT file (dfd export --into-bundle) is judged by it where the extra
"lite" is installed: no TensorFlow is needed, a photo takes less than a second, and the scores are
the same to 1e-4. --engine keras takes the road by which the detector was measured.

Examples:
  dfd predict photo.jpg
  dfd predict folder --format csv --out verdicts.csv
  dfd predict painting.png --faces whole
  find . -name "*.png" | dfd predict - --model runs/mine --format json
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_model, files_in

if TYPE_CHECKING:
    from dfd_tf.detectors.bundle import Engine
    from dfd_tf.detectors.detector import Detector, Judgement

COLUMNS = ("path", "score", "verdict", "reason", "left", "top", "width", "height")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image, folder or -")
    add_model(parser)
    parser.add_argument(
        "--faces",
        choices=("auto", "whole", "detect"),
        default="auto",
        help="auto: cut faces out where an image is not framed around one already",
    )
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument(
        "--engine",
        choices=("auto", "lite", "keras"),
        default="auto",
        help="auto: lite where the bundle and the machine have it, else keras",
    )
    parser.add_argument("--out", type=Path, help="file to write instead of the screen")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.calibration import UNCALIBRATED
    from dfd_tf.detectors.bundle import find_bundle

    find_bundle(options.model)
    paths = files_in(_given(options.paths))
    detector = _load(options.model, options.engine)
    judged = detector.judgements(
        paths, faces=options.faces, progress=len(paths) > 1 and not options.quiet
    )
    if not options.quiet:
        low, high = detector.calibration.band
        print(
            f"{options.model}: inconclusive from {low:.4f}, fake from {high:.4f}", file=sys.stderr
        )
    if not detector.calibration.calibrated:
        print(f"{options.model}: {UNCALIBRATED}", file=sys.stderr)
    text = _FORMATS[options.format](judged)
    if options.out:
        options.out.write_text(text, encoding="utf-8", errors="backslashreplace")
    else:
        sys.stdout.write(text)
    return int(any(math.isnan(row.score) for row in judged))


def _load(model: str, engine: Engine) -> Detector:
    from dfd_tf.detectors.bundle import choose_engine, load_detector

    chosen = choose_engine(model, engine)
    if chosen == "keras":
        start_keras()
    return load_detector(model, engine=chosen)


def _given(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if path == "-":
            yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        else:
            yield path


def _table(judged: Sequence[Judgement]) -> str:
    width = max(7, *(len(_printable(row.path)) for row in judged))
    lines = [f"{'path':{width}}  P(fake)  verdict       reason"]
    for row in judged:
        score = "      -" if math.isnan(row.score) else f"{row.score:7.4f}"
        face = f"face of {row.box.width}x{row.box.height} at {row.box[:2]}" if row.box else ""
        notes = "; ".join(filter(None, (row.reason, face)))
        line = f"{_printable(row.path):{width}}  {score}  {row.verdict:12}  {notes}"
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _printable(path: str) -> str:
    """A path without characters that could move the cursor or are no text."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def _json(judged: Sequence[Judgement]) -> str:
    rows = [
        {
            "path": row.path,
            "score": None if math.isnan(row.score) else round(row.score, 6),
            "verdict": row.verdict,
            "reason": row.reason,
            "face": row.box and row.box._asdict(),
        }
        for row in judged
    ]
    return json.dumps(rows, indent=2) + "\n"


def _csv(judged: Sequence[Judgement]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in judged:
        score = "" if math.isnan(row.score) else f"{row.score:.6f}"
        table.writerow([row.path, score, row.verdict, row.reason, *(row.box or [""] * 4)])
    return text.getvalue()


_FORMATS = {"table": _table, "json": _json, "csv": _csv}
