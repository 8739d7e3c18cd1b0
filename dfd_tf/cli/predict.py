"""Judge photos: one row a face, with the calibrated probability that it is fake.

A PATH is an image, a folder (all files below it) or - for a list of paths on standard input. A
file that cannot be judged, or has no face in it, keeps its row, with the reason; the exit code is
then 1.

"real" means: no trace of the forgeries that the detector has learned. What these are, `dfd models`
and the detector's MODEL_CARD.md say; a generator that is not among them may pass.
{learned}

Faces are found and cut out as the detector's training images show them, brought to their scale,
and the row says where in the photo they are. An image that is such a cut already is judged as it
is. --faces whole judges every image as it is, --faces detect cuts always.

Rows are written as they come. --out writes them to a file, whose ending says the format (.csv,
.json, .jsonl) unless --format does; it grows as NAME.part, and after an interruption --resume goes
on where it stopped (CSV and JSON lines).

A bundle that holds a LiteRT file (dfd export --into-bundle) is judged by it where the extra
"lite" is installed: no TensorFlow is needed, a photo takes less than a second, and the scores are
the same to 1e-4. --engine keras takes the road by which the detector was measured.

Examples:
  dfd predict photo.jpg
  dfd predict folder --out verdicts.csv
  dfd predict archive --out verdicts.jsonl --resume
  dfd predict painting.png --faces whole
  find . -name "*.png" | dfd predict - --model runs/mine --format json
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf import DEFAULT_MODEL
from dfd_tf.backend import start_keras
from dfd_tf.cli.growing_file import RESUMABLE, GrowingFile, left_to_do
from dfd_tf.cli.judgements import WRITERS, Row, Rows, as_screen
from dfd_tf.cli.options import add_engine, add_faces, add_model
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked

if TYPE_CHECKING:
    from dfd_tf.detectors.bundle import Engine
    from dfd_tf.detectors.detector import Detector

_BY_ENDING = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.description = (__doc__ or "").format(learned=_learned())
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image, folder or -")
    add_model(parser)
    add_faces(parser)
    add_writing(parser)


def add_writing(parser: argparse.ArgumentParser) -> None:
    """Declare how rows are made and written."""
    parser.add_argument(
        "--format", choices=tuple(WRITERS), help="default: by the ending of --out, else table"
    )
    add_engine(parser)
    parser.add_argument("--out", type=Path, help="file to write instead of the screen")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted --out")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    return judge_files(
        options, lambda detector, files: detector.judgements(files, faces=options.faces)
    )


def judge_files(
    options: argparse.Namespace,
    judge: Callable[[Detector, Iterable[str]], Rows],
    threads: int = 1,
) -> int:
    """Judge what the options name, write rows as they come, and return the exit code.

    Args:
        options: paths, model, engine, format, out, resume and quiet.
        judge: from a detector and files to the rows of each.
        threads: of one inference by LiteRT, where it judges one file after the other.
    """
    from dfd_tf.api.arguments import files_in
    from dfd_tf.detectors.locate import find_bundle

    find_bundle(options.model)
    form = _format_of(options)
    _check(options, form)
    files = files_in(_given(options.paths))
    if options.resume:
        files = left_to_do(options.out, form, files)
    out = GrowingFile(options.out, resume=options.resume) if options.out else None
    detector = _load(options.model, options.engine, threads)
    _say_thresholds(options.model, detector, options.quiet)
    judged = _Judged(judge(detector, files), out, options.quiet)
    if out is None:
        _print(judged, form)
    else:
        _write(judged, form, out)
    if not options.quiet:
        print(judged.summary, file=sys.stderr)
    return int(judged.unjudged > 0)


class _Judged:
    """Judgements passed on, and counted."""

    def __init__(self, files: Rows, out: GrowingFile | None, quiet: bool) -> None:
        self.files = tracked(files, None, "judging", shown=out is not None and not quiet)
        self.verdicts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Sequence[Row]]:
        for rows in self.files:
            self.verdicts.update(row.verdict for row in rows)
            yield rows

    @property
    def unjudged(self) -> int:
        return sum(self.verdicts[verdict] for verdict in ("error", "no face", "not applicable"))

    @property
    def summary(self) -> str:
        return ", ".join(f"{n:,} {verdict}" for verdict, n in self.verdicts.most_common())


def _print(judged: _Judged, form: str) -> None:
    on_screen = form == "table" and sys.stdout.isatty()
    for text in (as_screen if on_screen else WRITERS[form])(judged):
        sys.stdout.write(text)
        sys.stdout.flush()


def _write(judged: _Judged, form: str, out: GrowingFile) -> None:
    texts = WRITERS[form](judged)
    if form == "csv" and out.goes_on:
        next(texts)  # the header is there
    for text in texts:
        out.write(text)
    out.finish()


def _format_of(options: argparse.Namespace) -> str:
    if options.format:
        return str(options.format)
    return _BY_ENDING.get(options.out.suffix.lower(), "table") if options.out else "table"


def _check(options: argparse.Namespace, form: str) -> None:
    if options.resume and (options.out is None or form not in RESUMABLE):
        raise UserError("--resume goes on with an --out file of format csv or jsonl.")
    if options.out and options.out.exists():
        for path in options.paths:
            if os.path.exists(path) and options.out.samefile(path):
                raise UserError(f"--out {options.out} is one of the files to judge.")


def _say_thresholds(model: str, detector: Detector, quiet: bool) -> None:
    from dfd_tf.calibration import UNCALIBRATED

    if not quiet:
        low, high = detector.calibration.band
        print(f"{model}: inconclusive from {low:.4f}, fake from {high:.4f}", file=sys.stderr)
        print(f"{model}: real means {detector.info.real_means}", file=sys.stderr)
    if not detector.calibration.calibrated:
        print(f"{model}: {UNCALIBRATED}", file=sys.stderr)


def _load(model: str, engine: Engine, threads: int) -> Detector:
    from dfd_tf.detectors.bundle import choose_engine, load_detector

    chosen = choose_engine(model, engine)
    if chosen == "keras":
        start_keras()
    return load_detector(model, engine=chosen, threads=threads)


def _given(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if path == "-":
            # Lists that Windows wrote begin with a mark and end their lines otherwise.
            lines = (line.rstrip("\r\n").removeprefix("\ufeff") for line in sys.stdin)
            yield from filter(str.strip, lines)
        else:
            yield path


def _learned() -> str:
    """What the default detector has learned from, as its detector.json says."""
    from dfd_tf.detectors.locate import shipped_models

    try:
        text = (shipped_models() / DEFAULT_MODEL / "detector.json").read_text(encoding="utf-8")
        counts = json.loads(text)["data"]["counts"]
    except (OSError, ValueError, KeyError):
        return ""
    sources = [f"{source} ({splits['train']['fake']:,} fakes)" for source, splits in counts.items()]
    text = f"The default, {DEFAULT_MODEL}, has learned from {', '.join(sources)}."
    return textwrap.fill(text, 98)
