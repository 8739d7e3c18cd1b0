"""Measure a detector on a dataset: metrics with 95 % intervals, predictions, plots, a report.

--data may be given several times; layouts are recognised as for train. A set without splits is
dealt to them exactly as in the detector's training, so that its test images are those that it has
never seen; --split all takes everything.

Example:
  dfd evaluate --model amtenet --data my_faces --split test --out evaluation
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dfd_tf.cli.options import add_data, add_model
from dfd_tf.cli.quiet import start_tensorflow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.bundle import find_bundle, load_detector
    from dfd_tf.calibration import UNCALIBRATED
    from dfd_tf.cli.train import summary
    from dfd_tf.evaluation.evaluate import evaluate_detector, load_split
    from dfd_tf.training import environment

    find_bundle(options.model)
    start_tensorflow()
    detector = load_detector(options.model)
    examples = load_split(detector, options.data, options.split)
    provenance = environment.describe() | {"model": str(options.model), "split": options.split}
    if not detector.calibration.calibrated:
        provenance["scores"] = UNCALIBRATED
        print(f"{options.model}: {UNCALIBRATED}", file=sys.stderr)
    metrics = evaluate_detector(
        detector, examples, options.out, provenance, progress=not options.quiet
    )
    print(summary(options.split, metrics))
    print(f"Report: {options.out / 'report.html'}")
    return int(metrics["n_failed"] > 0)
