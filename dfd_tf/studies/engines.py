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
from dfd_tf.evaluation.metrics import Interval, evaluate_scores
from dfd_tf.evaluation.predictions import FILE, judged
from dfd_tf.reporter import Reporter
from dfd_tf.reporting.markdown import markdown_table, write_rows
from dfd_tf.reporting.numbers import with_interval
from dfd_tf.training.dataset import Found, find
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.run import train
from dfd_tf.training.run_folder import CONFIG
from dfd_tf.types import FAKE, REAL

STEM = "engines"
FIGURES = {"eer": "EER", "min_dcf": "minDCF", "cllr": "Cllr", "auc": "AUC"}


@dataclass(frozen=True)
class EngineRow:
    """What is recognised of an engine by detectors that learned from all others.

    Attributes:
        engine: that was left out of training and validation.
        figures: by name of the metric, over its fakes and the real recordings of people who were
            not learned from.
    """

    engine: str
    figures: dict[str, Interval]


def study_engines(
    config: RunConfig, out: Path, reporter: Reporter, *, folds: int | None = None
) -> list[EngineRow]:
    """Train and measure once for each engine; a run folder each, which another call goes on with.

    Heads on a frozen network share its features, which are kept in `out`.

    Args:
        config: of the runs; an engine is a source of its data that has fakes.
        out: folder of the run folders.
        reporter: what says how it goes.
        folds: so many times, each with other people for the test, so that all are tested; by
            default once, with the data's own split.

    Raises:
        UserError: fewer than two engines, or see `train`.
    """
    cache = FeatureCache(out / "features") if config.train.only_head else None
    answers: dict[str, list[pd.DataFrame]] = {}
    for fold in range(folds or 1):
        dealt = config.replace({"data.fold": (fold, folds)}) if folds else config
        found = find(dealt, reporter)
        for engine in _engines_of(found):
            folder = out / engine / (f"fold_{fold}" if folds else "")
            reporter.say(f"Without {engine}{f', fold {fold + 1} of {folds}' if folds else ''}:")
            answer = _trained_without(engine, dealt, folder, reporter, found, cache)
            answers.setdefault(engine, []).append(answer)
            if cache:
                cache.save()
    return [EngineRow(engine, _figures(pd.concat(parts))) for engine, parts in answers.items()]


def _engines_of(found: Found) -> list[str]:
    engines = sorted(set(found.examples.source[found.examples.label == FAKE]))
    if len(engines) < 2:
        raise UserError(f"leaving one engine out takes two or more; there is {engines}.")
    return engines


def _trained_without(
    engine: str,
    config: RunConfig,
    folder: Path,
    reporter: Reporter,
    found: Found,
    cache: FeatureCache | None,
) -> pd.DataFrame:
    """The test recordings of a run that never heard an engine: label, score and group."""
    fold = without(found, engine)
    begun = (folder / CONFIG).exists()
    train(config, folder, resume=begun, reporter=reporter, found=fold, cache=cache)
    scores = judged(pd.read_csv(folder / FILE)).set_index("path")["score"]
    table = fold.examples.set_index("path")[["label", "group"]]
    return table.join(scores, how="inner")


def _figures(answers: pd.DataFrame) -> dict[str, Interval]:
    """Over all folds, whose scores are calibrated alike."""
    measured = evaluate_scores(answers.label, answers.score, 0.5, groups=answers.group)
    return {name: measured[name] for name in FIGURES}


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
