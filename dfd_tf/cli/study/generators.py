"""Leave one generator out of the training after the other: one matrix that chooses recipes.

For each generator a head on frozen features learns from all others, and is measured on the fakes of
the one that it was never shown: against the reals of that source, and against those of all others.
A generator is a source among --data; --part tells several in one source apart by the names of their
files. Reals that stand against the left-out generator alone are left out, too.

--pairs adds a row that learns from pairs in place of the others' fakes: RECIPE names the row,
SOURCE the dataset whose reals they were made from, PAIRS what `dfd prepare` wrote of them. Give the
control, the same photos merely resized, as another recipe: what is not better than it has taught
nothing about generators.

Features are computed once for all folds and kept in --out/features; called again, also after an
interruption or with more --photos, the command computes only what is new. The matrix is written
after each of several --config.

Examples:
  dfd study generators --data 140k --data dfdc_faces --data ciplab --out matrix
  dfd study generators --data 140k --data portraits --part "studio=portraits:studio_*"
      --part "assistant=portraits:assistant_*" --config clip_vit --config dinov2 --out matrix
  dfd study generators --data 140k --data dfdc_faces --pairs copies 140k pairs/140k
      --pairs resized 140k resized/140k --out matrix
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.api.train import find_config
from dfd_tf.backend import start_keras
from dfd_tf.cli.options import add_datasets
from dfd_tf.config import load_config
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter

if TYPE_CHECKING:
    import pandas as pd

    from dfd_tf.studies.generators import Part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for features and results")
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="C",
        help="of a head on frozen features; repeatable (default: clip_vit)",
    )
    parser.add_argument(
        "--part",
        action="append",
        default=[],
        metavar="NAME=SOURCE:GLOB",
        help="fakes of a source whose file names fit are a generator of their own; repeatable",
    )
    parser.add_argument(
        "--pairs",
        action="append",
        default=[],
        nargs=3,
        metavar=("RECIPE", "SOURCE", "PAIRS"),
        help="a set of pairs for a row; repeatable",
    )
    parser.add_argument(
        "--photos", type=int, default=500, help="of each source, class and split (default: 500)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the draw (default: 0)")


def run(options: argparse.Namespace) -> int:
    """Carry the study out."""
    configs = [load_config(find_config(name)) for name in options.config or ["clip_vit"]]
    parts = [_part(text) for text in options.part]
    start_keras()
    from dfd_tf.studies.frozen_photos import frozen_photos
    from dfd_tf.studies.generators import check_folds, study_generators
    from dfd_tf.studies.generators_table import write_matrix
    from dfd_tf.training.frozen.feature_cache import FeatureCache

    table = _photos(options, parts)
    check_folds(table)
    reporter = Reporter(options.quiet, to_stderr=True)
    cache = FeatureCache(options.out / "features")
    rows = []
    for config in configs:
        photos = frozen_photos(config, table, cache, reporter)
        rows += study_generators(photos, config.model.name)
        matrix = write_matrix(options.out, rows)  # so far: the next features take long
    print(matrix, end="")
    return 0


def _part(text: str) -> Part:
    from dfd_tf.studies.generators import Part

    name, equals, rest = text.partition("=")
    source, colon, pattern = rest.partition(":")
    if not (name and equals and source and colon and pattern):
        raise UserError(
            f"--part {text}: expected NAME=SOURCE:GLOB, such as studio=portraits:studio_*."
        )
    return Part(name, source, pattern)


def _photos(options: argparse.Namespace, parts: list[Part]) -> pd.DataFrame:
    """The photos of all sources and pairs, no more of each than was asked for."""
    from dfd_tf.data.sets.examples import load_examples
    from dfd_tf.studies.generators import concatenated, drawn, with_generators

    own = with_generators(load_examples(options.data, seed=options.seed), parts)
    tables = [own.assign(split=own.split.replace("valid", "valid_own"))]
    for recipe, source, where in options.pairs:
        if source not in set(own.source):
            raise UserError(
                f"--pairs {recipe} {source}: there is no such source; there are "
                f"{', '.join(sorted(set(own.source)))}."
            )
        pairs = load_examples([where], seed=options.seed)
        pairs = pairs[pairs.split == "train"]
        tables.append(pairs.assign(source=source, generator="", recipe=recipe))
    return drawn(concatenated(tables), options.photos, options.seed)
