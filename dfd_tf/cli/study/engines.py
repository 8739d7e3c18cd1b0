"""Leave one engine of speech out of the training after the other: what is heard of the next one?

EXPERIMENTAL, as all of sound. For each engine a detector learns from the real recordings and the
fakes of all other engines, and is measured on the fakes of the one that it never heard, beside real
recordings of people that it never heard. Equal error rate, minimum detection cost, Cllr and AUC
have intervals over people, where the table names a group for each recording.

An engine is a source of the data: a column `source` in a table of labels, as `dfd prepare
--speech-fakes` writes it. Every engine has a run folder in --out, and a call that was interrupted
goes on.

Examples:
  dfd study engines --config speech --data fakes/table.csv --folds 3 --out engines
  dfd study engines --config lcnn --data fakes/table.csv --set train.epochs=5 --out engines
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.api.train import find_config
from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets
from dfd_tf.config import load_config
from dfd_tf.reporter import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_datasets(parser)
    parser.add_argument("--config", required=True, help="YAML file, or the name of one in configs/")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and results")
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="K trainings an engine, each with other people for the test, until all were tested "
        "(default: one, with the data's own split)",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=V", help="change one key of the config"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the study out."""
    config = load_config(find_config(options.config), options.set)
    config = config.replace({"data.paths": [str(root) for root in options.data]})
    start_keras()
    from dfd_tf.studies.engines import study_engines, write_engines

    reporter = Reporter(options.quiet, to_stderr=True)
    rows = study_engines(config, options.out, reporter, folds=options.folds)
    print(write_engines(options.out, rows), end="")
    return 0
