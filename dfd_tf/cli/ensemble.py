"""Make one detector of several: their log-odds, joined by what validation images teach.

Detectors that err on different photos are better together. Each judges a face in its own view: its
own cut, scale and input size. All must have been trained with the same seed and validation share,
so that the validation images of --data are new to each; what they have learned from may differ.
Members that were not are joined on the sets' own validation splits: --split valid_own.

By noisy-or the most suspicious member speaks: each counts from the level that its usual real photo,
of the strictest source, does not reach, and one that knows nothing of a forgery cannot vote down
the one that does. --join sum weighs them by logistic regression, for members of one kind.

The run folder --out gets a bundle, which names the members and holds only what joins them, and the
metrics, plots and report of a training. Where all members have a LiteRT file, the ensemble is
judged without TensorFlow.

Example:
  dfd ensemble clip_vit efficientnet_lite0 --data 140k --data openforensics --out runs/ensemble
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets, add_split
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("members", nargs="+", metavar="MODEL", help="two detectors or more")
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    add_split(parser)
    parser.add_argument(
        "--join",
        choices=("noisy-or", "sum"),
        default="noisy-or",
        help="by what the members' log-odds become one (default: noisy-or)",
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.cli.train import summary
    from dfd_tf.detectors.locate import find_bundle

    if len(options.members) < 2:
        raise UserError("an ensemble has two members or more.")
    for name in options.members:
        find_bundle(name)
    if (options.out / "metrics.json").exists():
        raise UserError(f"{options.out} holds a run already; name another folder with --out.")
    start_keras()
    from dfd_tf.training.ensemble import combine

    metrics = combine(
        options.members,
        options.data,
        options.out,
        Reporter(options.quiet),
        options.split,
        options.join,
    )
    print(summary("test", metrics))
    print(f"Report: {options.out / 'report.html'}   detector: {options.out / 'bundle'}")
    return 0
