"""Judge any number of photos, on one machine or many, by an Apache Beam pipeline.

--input, which may be repeated, is an image, a folder, a pattern in quotes, a list (.txt, a path a
line) or a table with a column `path` (.csv, .parquet). --output is a folder: rows/ gets Parquet
files of a thousand photos each, with the columns of `dfd predict` and the SHA-256 of the file and
of the detector; dead/ the rows of files that could not be judged, once more. On a cluster both may
be gs:// or s3:// where Beam has been installed with their file systems.

The plan is written first. After an interruption the same command with --resume judges what is left.

What follows -- are Beam's own options. Without any, all cores of this machine are used.

Examples:
  dfd bulk --input archive --output verdicts
  dfd bulk --input archive --output verdicts --resume
  dfd bulk --input "photos/**.jpg" --input more.parquet --output verdicts --model runs/mine
  dfd bulk --input gs://bucket/photos/** --output gs://bucket/verdicts -- --runner=DataflowRunner
"""

from __future__ import annotations

import argparse
import sys

from dfd_tf.cli.options import add_faces, add_model
from dfd_tf.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--input", action="append", required=True, help="what to judge; repeatable")
    parser.add_argument("--output", required=True, help="folder to write")
    add_model(parser, "the detector, as the workers see it")
    add_faces(parser)
    parser.add_argument(
        "--shard", type=int, default=1000, metavar="N", help="photos a file of rows (default: 1000)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("beam", nargs="*", metavar="-- BEAM OPTION", help="such as --runner=NAME")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    if options.shard < 1:
        raise UserError(f"--shard {options.shard}: expected at least 1 photo.")
    from dfd_tf.bulk.pipeline import Settings, run

    settings = Settings(options.input, options.output, options.model, options.faces, options.shard)
    counts = run(settings, options.beam, resume=options.resume)
    failed, shards = counts.pop("failed", 0), counts.pop("shards", 0)
    if not options.quiet:
        rows = ", ".join(f"{n:,} {verdict}" for verdict, n in counts.most_common())
        print(f"{options.output}: {shards:,} shards written: {rows or 'nothing left'}")
    if failed:
        print(f"dfd: {failed} shards failed, see {options.output}/dead; --resume", file=sys.stderr)
    return int(failed + counts["error"] + counts["no face"] > 0)
