"""Judge speech: one row a recording, with the calibrated probability that it is fake.

EXPERIMENTAL. A detector of speech knows the engines that made the fakes it learned from, and little
beyond: see docs/audio.md for what a verdict is worth.

A PATH is a recording or a video with sound, in whatever format, a folder (all files below it) or -
for a list of paths on standard input. Silence before and after the speech is left out; what remains
is judged in windows, whose mean gives the score and whose differences give its interval. A verdict
is given where it holds over the whole interval. What has no speech in it, or less than half a
second, is "not applicable"; what cannot be read is an "error". Both keep their row, with the
reason, and the exit code is then 1.

Rows are written as by dfd predict; JSON has the interval and every window besides.

Examples:
  dfd audio call.mp3
  dfd audio voices --out verdicts.csv
  dfd audio interview.mp4 --format json
"""

from __future__ import annotations

import argparse
import os
import sys

from dfd_tf import SPEECH_MODEL
from dfd_tf.cli.predict import add_writing, judge_files

EXPERIMENTAL = (
    "dfd audio is experimental: it knows few engines, and another may pass (docs/audio.md)."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="recording, folder or -")
    parser.add_argument(
        "--model",
        default=SPEECH_MODEL,
        help=f"the detector: bundle folder, run folder or shipped name (default: {SPEECH_MODEL})",
    )
    add_writing(parser)


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.detectors.recordings import judge_recordings

    if not options.quiet:
        print(EXPERIMENTAL, file=sys.stderr)
    return judge_files(options, judge_recordings, threads=os.cpu_count() or 1)
