"""Leave one engine out: what a detector of speech says of fakes whose engine it never heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dfd_tf.config import RunConfig
from dfd_tf.data.sets.file_check import fingerprint_of
from dfd_tf.errors import UserError
from dfd_tf.evaluation.metrics import Interval
from dfd_tf.reporter import Reporter
from dfd_tf.reporting.markdown import markdown_table, write_rows
from dfd_tf.reporting.numbers import with_interval
from dfd_tf.training.dataset import Found, find
from dfd_tf.training.run import train
from dfd_tf.training.run_folder import CONFIG
from dfd_tf.types import FAKE, REAL

STEM = "engines"
FIGURES = {"eer": "EER", "min_dcf": "minDCF", "cllr": "Cllr", "auc": "AUC"}


@dataclass(frozen=True)
class EngineRow:
    """What is recognised of an engine by a detector that learned from all others.

    Attributes:
        engine: that was left out of training and validation.
        figures: by name of the metric, over its test fakes and the real test recordings.
    """

    engine: str
    figures: dict[str, Interval]


def study_engines(config: RunConfig, out: Path, reporter: Reporter) -> list[EngineRow]:
    """Train and measure once for each engine; a run folder each, which another call goes on with.

    Args:
        config: of the runs; an engine is a source of its data that has fakes.
        out: folder of the run folders.
        reporter: what says how it goes.

    Raises:
        UserError: fewer than two engines, or see `train`.
    """
    found = find(config, reporter)
    engines = sorted(set(found.examples.source[found.examples.label == FAKE]))
    if len(engines) < 2:
        raise UserError(f"leaving one engine out takes two or more; there is {engines}.")
    rows = []
    for engine in engines:
        reporter.say(f"Without {engine}:")
        folder = out / engine
        begun = (folder / CONFIG).exists()
        metrics = train(
            config, folder, resume=begun, reporter=reporter, found=without(found, engine)
        )
        rows.append(EngineRow(engine, {name: metrics[name] for name in FIGURES}))
    return rows


def without(found: Found, engine: str) -> Found:
    """Train and validation without an engine; the test with no other fakes than its own."""
    usable = _kept(found.checked.usable, engine)
    checked = replace(found.checked, usable=usable, fingerprint=fingerprint_of(usable))
    return Found(_kept(found.examples, engine), checked, found.inventory)


def _kept(table: pd.DataFrame, engine: str) -> pd.DataFrame:
    test, own = table.split == "test", table.source == engine
    return table[(table.label == REAL) | (test == own)].reset_index(drop=True)


def write_engines(out: Path, rows: Sequence[EngineRow]) -> str:
    """Write engines.json and engines.md; return the Markdown."""
    head = ["engine left out", *FIGURES.values()]
    cells = [[row.engine, *(with_interval(row.figures[name]) for name in FIGURES)] for row in rows]
    means = [f"{np.mean([row.figures[name]['value'] for row in rows]):.3f}" for name in FIGURES]
    table = markdown_table(head, [*cells, ["mean", *means]])
    write_rows(out, STEM, rows, table)
    return table
