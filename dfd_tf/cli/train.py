"""Train a detector, calibrate it on validation, measure it on test, write a report.

Without --data it trains on the demo dataset, which is rendered on the spot. --data may be given
several times; each folder may be laid out as 140k, OpenForensics, CIPLab/HFM, DFDC faces, HFF,
FaceForensics++, SPLIT/{real,fake} or plain real/ and fake/, alone or one set for each source, be a
CSV of path and label, or be tfds:NAME or tfds:NAME@DATA_DIR for a set that
tensorflow-datasets has built; its images are then laid out as files once, under DFD_CACHE or else
~/.cache/dfd_tf.

Examples:
  dfd train --config configs/amtenet.yaml --data my_faces --out runs/mine
  dfd train --config amtenet --data 140k --data dfdc --set train.epochs=5
  dfd train --config amtenet --data my_faces --out runs/mine --resume
  dfd train --config resnet50 --data my_faces --out runs/mine --processes 2
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dfd_tf.cli.options import add_datasets


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--config", required=True, help="YAML file, or the name of one in configs/")
    add_datasets(parser, required=False)
    parser.add_argument("--out", type=Path, help="run folder (default: runs/NAME-OF-CONFIG)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=V", help="change one key of the config"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    _add_group(parser)


def _add_group(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("several processes together, on Keras' JAX backend")
    group.add_argument(
        "--processes", type=int, default=1, metavar="N", help="that share each batch (default: 1)"
    )
    group.add_argument(
        "--coordinator",
        metavar="HOST:PORT",
        help="of process 0, where each is started by itself, on one machine or several with a "
        "common --out; without it all are started here",
    )
    group.add_argument(
        "--process", type=int, default=0, metavar="K", help="number of this one, from 0"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.train import train

    metrics = train(
        options.config,
        options.data,
        options.out,
        settings=options.set,
        resume=options.resume,
        progress=not options.quiet,
        processes=options.processes,
        coordinator=options.coordinator,
        process=options.process,
    )
    if metrics:  # of several processes the first has them
        print(summary("test", metrics))
    return 0


def summary(split: str, metrics: dict[str, Any]) -> str:
    """The figures that a person reads first, a line each."""
    from dfd_tf.evaluation.wording import without_intervals
    from dfd_tf.reporting.numbers import with_interval

    names = {
        "auc": "AUC",
        "accuracy": "accuracy",
        "fpr_at_threshold": "false-positive rate",
        "ece": "calibration error",
    }
    lines = [f"{split}, {metrics['n']} images:"]
    for key, words in names.items():
        metric = metrics[key]
        if metric["value"] is not None:
            lines.append(f"  {words:20} {with_interval(metric)}")
    return "\n".join([*lines, *without_intervals(metrics)])
