"""Train every architecture on the same photos with the same budget: one table.

Each configuration in configs/ that trains a whole network makes a row, and a second one with CBAM
attention where the network takes it; that of keras_hub, whose preset is downloaded, where --rows
names it. All see the same whole faces at one size, as many of them,
with the same changes; the network's arguments, start and optimiser are its own. The table gives the
AUC with its 95 % interval on every test split, over all test photos as they are, after JPEG 60
and after shrinking to half and back, the parameters, multiply-adds and speeds.

Runs are kept in --out/runs. Called again, the command goes on where it was interrupted and writes
the table anew from all rows asked for; a row is trained again after its folder there is removed.

Examples:
  dfd study architectures --data 140k --data dfdc_faces --out table
  dfd study architectures --data 140k --rows resnet18,resnet18+cbam --size 128 --out table
  dfd study architectures --data 140k --speeds --out table
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.api.train import shipped_configs
from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets
from dfd_tf.config import RunConfig, load_config
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter

LEFT_OUT = ("demo",)  # trains on rendered pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and results")
    parser.add_argument("--rows", help="such as resnet18,resnet18+cbam (default: all)")
    parser.add_argument("--images", type=int, default=7680, help="shown in all (default: 7680)")
    parser.add_argument("--size", type=int, default=96, help="side of the input (default: 96)")
    parser.add_argument(
        "--speeds", action="store_true", help="measure images/s too; wants a quiet machine"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    configs = {path.stem: load_config(path) for path in shipped_configs()}
    start_keras()
    from dfd_tf.studies.architecture_table import write_table
    from dfd_tf.studies.architectures import Budget, entrants, train_row
    from dfd_tf.studies.speed import with_speeds
    from dfd_tf.studies.study import Study

    for name in LEFT_OUT:
        configs.pop(name)
    chosen = _chosen(entrants(configs), options.rows)
    budget = Budget(images=options.images, size=options.size)
    reporter = Reporter(options.quiet, to_stderr=True)
    study = Study(options.data, options.out / "runs", reporter)
    rows = [train_row(study, config, name, budget) for name, config in chosen.items()]
    if options.speeds:
        rows = [with_speeds(row, study.out / row.name) for row in rows]
    print(write_table(options.out, rows), end="")
    return 0


def _chosen(rows: dict[str, RunConfig], text: str | None) -> dict[str, RunConfig]:
    from dfd_tf.models import architecture

    # What an argument names, a preset, may have to be fetched: where it is asked for.
    at_hand = [name for name, row in rows.items() if not architecture(row.model.name).settle]
    names = text.split(",") if text else at_hand
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise UserError(f"--rows: there is no {unknown[0]!r}; there are {', '.join(rows)}.")
    return {name: rows[name] for name in names}
