"""Compare two detectors on the same photos: is the one really better?

Gives the difference in AUC with its 95 % interval (paired bootstrap by group) and DeLong's p, over
all and by source, and McNemar's exact test of the decisions at the stored thresholds. --out gets
comparison.json, comparison.csv with both scores of every file, plots and report.html. --data and
--split are those of evaluate; a set without splits is dealt as in the first detector's training.

Examples:
  dfd compare efficientnet_lite0 dinov2 --data my_faces --out comparison
  dfd compare runs/new runs/old --data my_faces --split valid_own --limit 500 --out comparison
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_data, add_faces, add_limit

if TYPE_CHECKING:
    from dfd_tf.detectors.info import TrainingData


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    for name, meaning in (("first", "a detector"), ("second", "the other")):
        parser.add_argument(name, help=f"{meaning}: bundle folder, run folder or shipped name")
    add_data(parser)
    add_limit(parser)
    add_faces(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf import environment
    from dfd_tf.api.arguments import check_limit
    from dfd_tf.data.sets.seen_files import TESTS, without_seen
    from dfd_tf.detectors.bundle import load_detector
    from dfd_tf.detectors.locate import find_bundle
    from dfd_tf.evaluation.comparison.compare import compare_predictions
    from dfd_tf.evaluation.comparison.report import (
        auc_rows,
        decisions_in_words,
        in_words,
        write_comparison,
    )
    from dfd_tf.evaluation.evaluate import judge_examples, load_split
    from dfd_tf.evaluation.robustness.measure import limited

    check_limit(options.limit)
    names = (options.first, options.second)
    for name in names:
        find_bundle(name)
    start_keras()
    detectors = [load_detector(name, engine="keras") for name in names]
    examples = load_split(detectors[0], options.data, options.split)
    if options.split in TESTS:
        examples = without_seen(examples, detectors[1].seen)
    examples = limited(examples, options.limit)
    tables = [
        judge_examples(d, examples, faces=options.faces, progress=not options.quiet)
        for d in detectors
    ]
    predictions = (tables[0], tables[1])
    thresholds = (detectors[0].calibration.threshold, detectors[1].calibration.threshold)
    result = compare_predictions(*predictions, thresholds)
    provenance = environment.describe() | {
        "first": {"name": names[0], "weights_sha256": detectors[0].info.weights_sha256},
        "second": {"name": names[1], "weights_sha256": detectors[1].info.weights_sha256},
        "data": list(options.data),
        "split": options.split,
        "limit": options.limit or "none",
        "faces": options.faces,
    }
    cautions = _cautions(detectors[0].info.data, detectors[1].info.data, result["n_failed"])
    write_comparison(options.out, predictions, result, names, thresholds, provenance, cautions)
    print(f"{'':16} {names[0]:24} {names[1]:24} difference")
    for row in auc_rows(result):
        print(f"{row['name']:16} {row['first']:24} {row['second']:24} {row['difference']}")
    print(in_words(result, names), decisions_in_words(result, names), *cautions, sep="\n")
    print(f"Report: {options.out / 'report.html'}")
    return int(result["n_failed"] > 0)


def _cautions(first: TrainingData, second: TrainingData, n_failed: int) -> tuple[str, ...]:
    found = []
    if any(
        getattr(first, key) != getattr(second, key) for key in ("seed", "fold", "valid_from_train")
    ):
        found.append(
            "The two were trained on data dealt in different ways: where a set brings no split of "
            "its own, the second may have been trained on photos that are tested here."
        )
    if n_failed:
        found.append(f"{n_failed:,} files could not be judged by both and count nowhere.")
    return tuple(found)
