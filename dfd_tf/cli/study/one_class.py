"""Train and compare the one-class detectors: one table, one figure.

Autoencoder, variational autoencoder, Deep SVDD with hard and soft boundary, DeepSAD with growing
shares of the training fakes, and classical detectors on frozen features, each measured on the
held-out images of every dataset with 95 % intervals; beside them the network of Deep SVDD taught
by all labels. With --leave-out the DeepSAD sweep and the supervised training are repeated without
one dataset, on which they are then tested. Runs are kept in --out/runs; called again,
the command goes on where it was interrupted.

The row typicality and --sad clip_sad work on the frozen features of CLIP, which is to be installed
(see configs/clip_sad.yaml). A photo's features are computed once for all runs and kept in
--out/features.

--compare adds trained detectors to the table as they are, --features takes the features of further
detectors for the classical ones (those of Deep SVDD are always taken).

Examples:
  dfd study one-class --data 140k --data dfdc_faces --leave-out dfdc_faces --out oc
  dfd study one-class --data 140k --rows deep_svdd,deep_sad --fractions 0,0.2 --out oc
  dfd study one-class --data 140k --data dfdc_faces --sad clip_sad
      --rows typicality,deep_sad,supervised,baselines --leave-out dfdc_faces --out oc_clip
  dfd study one-class --data 140k --data dfdc_faces --compare efficientnet_lite0
      --features efficientnet_lite0 --out oc
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.api.train import find_config
from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets
from dfd_tf.config import load_config
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter

# Rows by name: their configuration and what the table calls them.
TRAINED = {
    "autoencoder": "autoencoder",
    "oc_fakedect": "OC-FakeDect",
    "deep_svdd": "Deep SVDD, hard",
    "deep_svdd_soft": "Deep SVDD, soft",
}
ROWS = (*TRAINED, "deep_sad", "supervised", "baselines")
TYPICALITY, CLIP_TYPICALITY = "typicality", "clip_typicality"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and results")
    parser.add_argument(
        "--rows", default=",".join(ROWS), help=f"of {','.join(ROWS)} (the default), {TYPICALITY}"
    )
    parser.add_argument(
        "--sad", default="deep_sad", metavar="CONFIG", help="of the DeepSAD sweep, or clip_sad"
    )
    parser.add_argument(
        "--fractions", default="0,0.01,0.05,0.2", help="shares of the training fakes for DeepSAD"
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="DIR",
        help="one of --data, to be tested on only; repeatable",
    )
    parser.add_argument("--compare", action="append", default=[], metavar="M", help="repeatable")
    parser.add_argument("--features", action="append", default=[], metavar="M", help="repeatable")
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=V", help="change a key of all configs"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    rows, fractions = _rows(options.rows), _fractions(options.fractions)
    for folder in options.leave_out:
        if folder not in options.data:
            raise UserError(f"--leave-out {folder} is none of --data: {options.data}.")
    configs = {
        name: load_config(find_config(name), options.set)
        for name in (*TRAINED, options.sad, CLIP_TYPICALITY)
    }
    start_keras()
    from dfd_tf.studies.one_class import sides, supervised, sweep, without_fakes
    from dfd_tf.studies.one_class_table import Row, write_comparison
    from dfd_tf.studies.study import Study

    reporter = Reporter(options.quiet, to_stderr=True)
    study = Study(options.data, options.out / "runs", reporter)
    found: list[Row] = []
    for name in (row for row in rows if row in TRAINED):
        folder = study.trained(configs[name], name)
        found.append(study.row(folder, TRAINED[name]))
    sad = configs[options.sad]
    for without in (None, *options.leave_out):
        if TYPICALITY in rows:
            found += sides(study, configs[CLIP_TYPICALITY], TYPICALITY, without)
        if "deep_sad" in rows:
            found += sweep(study, sad, fractions, without)
        if "supervised" in rows:
            found.append(supervised(study, sad, without))
    if "baselines" in rows and sad.train.only_head:
        found += study.baseline_rows(without_fakes(study, sad), sad.model.name)
    elif "baselines" in rows:
        svdd = study.trained(configs["deep_svdd"], "deep_svdd")
        found += study.baseline_rows(svdd, "Deep SVDD")
    for model in options.features:
        found += study.baseline_rows(model, Path(model).name)
    for model in options.compare:
        found.append(study.row(model, Path(model).name))
    study.cache.save()
    print(write_comparison(options.out, found), end="")
    return 0


def _rows(text: str) -> list[str]:
    rows = text.split(",")
    known = (*ROWS, TYPICALITY)
    unknown = [row for row in rows if row not in known]
    if unknown:
        raise UserError(f"--rows: there is no {unknown[0]!r}; there are {', '.join(known)}.")
    return rows


def _fractions(text: str) -> list[float]:
    try:
        fractions = sorted({float(part) for part in text.split(",")})
    except ValueError:
        raise UserError(f"--fractions takes numbers such as 0,0.05,0.2, got {text!r}.") from None
    if not 0 <= fractions[0] <= fractions[-1] <= 1:
        raise UserError(f"--fractions are shares from 0 to 1, got {text!r}.")
    return fractions
