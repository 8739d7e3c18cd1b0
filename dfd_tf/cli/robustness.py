"""Measure how a detector survives compression, blur, resizing, noise and social media.

Real and fake images are degraded alike: JPEG 95 to 30, WebP 80, blur of sigma 0.5 to 3, resize to
75, 50 and 25 % and back, noise of 2 to 10 grey levels, a share on social media, and, outside the
mean, faces shrunk to 128, 96 and 64 pixels and, with the extra "video", frames of H.264, H.265 and
VP9. For each step: AUC, accuracy and false-positive rate at the stored threshold, and the share of
inconclusive verdicts. The scores of a finished step are kept in --out; calling the verb again goes
on where it was interrupted. --data and --split are those of evaluate.

Example:
  dfd robustness --model efficientnet_lite0 --data my_faces --limit 500 --out robustness
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.cli.options import add_data, add_faces, add_limit, add_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_faces(parser)
    add_data(parser)
    add_limit(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.robustness import robustness
    from dfd_tf.evaluation.robustness.report import step_rows, summary_in_words

    result = robustness(
        options.data,
        options.out,
        model=options.model,
        split=options.split,
        limit=options.limit,
        faces=options.faces,
        progress=not options.quiet,
    )
    print(f"{'step':12} {'AUC (95 % interval)':24} accuracy  accused  inconclusive")
    for row in step_rows(result):
        print(
            f"{row['name']:12} {row['auc']:24} {row['accuracy']:>8}  {row['accused']:>7}  "
            f"{row['inconclusive']:>12}"
        )
    print(summary_in_words(result))
    print(f"Report: {options.out / 'report.html'}")
    return int(result["n_failed"] > 0)
