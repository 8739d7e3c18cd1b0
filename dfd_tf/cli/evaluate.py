"""Measure a detector on a dataset: metrics with 95 % intervals, predictions, plots, a report.

--data may be given several times; layouts are recognised as for train. A set without splits is
dealt to them exactly as in the detector's training, so that its test images are those that it has
never seen; --split all takes everything.

The page can hold the rest of the evidence: --maps draws where the most confident mistakes speak for
their verdict, --robustness and --audit name folders that these verbs wrote.

Examples:
  dfd evaluate --model amtenet --data my_faces --split test --out evaluation
  dfd evaluate --data my_faces --out evaluation --maps --robustness robustness --audit audit
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.cli.options import add_data, add_model
from dfd_tf.cli.quiet import start_keras

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector
    from dfd_tf.evaluation.beside import Beside


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--maps", action="store_true", help="show maps of the worst mistakes")
    parser.add_argument(
        "--robustness", type=Path, metavar="DIR", help="show what dfd robustness wrote there"
    )
    parser.add_argument("--audit", type=Path, metavar="DIR", help="show what dfd audit wrote there")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf import environment
    from dfd_tf.calibration import UNCALIBRATED
    from dfd_tf.cli.train import summary
    from dfd_tf.detectors.bundle import find_bundle, load_detector
    from dfd_tf.evaluation.evaluate import evaluate_detector, load_split

    find_bundle(options.model)
    start_keras()
    detector = load_detector(options.model)
    beside = _beside(options, detector)
    examples = load_split(detector, options.data, options.split)
    provenance = environment.describe() | {
        "model": str(options.model),
        "data": options.data,
        "split": options.split,
    }
    if not detector.calibration.calibrated:
        provenance["scores"] = UNCALIBRATED
        print(f"{options.model}: {UNCALIBRATED}", file=sys.stderr)
    metrics = evaluate_detector(
        detector,
        examples,
        options.out,
        provenance,
        beside=beside,
        progress=not options.quiet,
    )
    print(summary(options.split, metrics))
    print(f"Report: {options.out / 'report.html'}")
    return int(metrics["n_failed"] > 0)


def _beside(options: argparse.Namespace, detector: Detector) -> Beside:
    from dfd_tf.evaluation.beside import Beside, read_audit, read_robustness

    threshold = detector.calibration.threshold
    map_of = None
    if options.maps:
        # Without tf-keras-vis the command line says which extra to install.
        from dfd_tf.explaining.heat import Explainer

        map_of = Explainer(detector).overlay
    return Beside(
        map_of=map_of,
        robustness=read_robustness(options.robustness, threshold) if options.robustness else None,
        audit=read_audit(options.audit) if options.audit else None,
    )
