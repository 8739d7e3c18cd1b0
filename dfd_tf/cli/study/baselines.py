"""Measure classical one-class detectors on the frozen features of any detector.

k-nearest neighbours, Mahalanobis distance, Isolation Forest and one-class SVM are fitted to the
features of real training photos and measured on the held-out images, in one go: nothing is stored.
They tell whether a deep one-class detector is worth its while. The features of a detector that was
trained with fakes know fakes.

Example:
  dfd study baselines --model efficientnet_lite0 --data my_faces --out baselines
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets, add_model
from dfd_tf.reporter import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.detectors.locate import find_bundle

    find_bundle(options.model)
    start_keras()
    from dfd_tf.detectors.bundle import load_detector
    from dfd_tf.studies.one_class_table import write_comparison
    from dfd_tf.studies.study import baseline_rows

    detector = load_detector(options.model, engine="keras")
    name = Path(options.model).name
    rows = baseline_rows(detector, options.data, name, Reporter(options.quiet))
    print(write_comparison(options.out, rows), end="")
    return 0
