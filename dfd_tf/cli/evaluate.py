"""Measure a detector on a dataset: metrics with 95 % intervals, predictions, plots, a report.

--data may be given several times; layouts are recognised as for train. A set without splits is
dealt to them exactly as in the detector's training, so that its test images are those that it has
never seen; --split all takes everything.

The page can hold the rest of the evidence: --maps draws where the most confident mistakes speak for
their verdict, --robustness and --audit name folders that these verbs wrote.

--video measures on sets of videos: folders of real and fake, FaceForensics++, Celeb-DF or DFDC.
Each is judged as `dfd video` judges it, at the thresholds for videos where the detector has them.

Examples:
  dfd evaluate --model efficientnet_lite0 --data my_faces --split test --out evaluation
  dfd evaluate --data my_faces --out evaluation --maps --robustness robustness --audit audit
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dfd_tf.cli.options import add_data, add_faces, add_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_faces(parser)
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--video", action="store_true", help="--data are sets of videos")
    parser.add_argument("--maps", action="store_true", help="show maps of the worst mistakes")
    parser.add_argument(
        "--robustness", type=Path, metavar="DIR", help="show what dfd robustness wrote there"
    )
    parser.add_argument("--audit", type=Path, metavar="DIR", help="show what dfd audit wrote there")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.arguments import detector_of
    from dfd_tf.api.detectors import load_detector
    from dfd_tf.api.evaluate import evaluate
    from dfd_tf.calibration import UNCALIBRATED
    from dfd_tf.cli.train import summary

    detector = (load_detector if options.video else detector_of)(options.model)
    if not detector.calibration.calibrated:
        print(f"{options.model}: {UNCALIBRATED}", file=sys.stderr)
    metrics = evaluate(
        options.data,
        options.out,
        model=detector,
        split=options.split,
        maps=options.maps,
        robustness=options.robustness,
        audit=options.audit,
        faces=options.faces,
        video=options.video,
        progress=not options.quiet,
    )
    print(summary(options.split, metrics))
    print(f"Report: {options.out / 'report.html'}")
    return int(metrics["n_failed"] > 0)
