"""Leave one generator out: what is recognised of forgeries of which training showed none.

A head on frozen features is learned anew for each generator that is left out, from features that
are computed once. So a fold costs seconds, and recipes are chosen by what they promise for the
next generator rather than for those that are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dfd_tf.errors import UserError
from dfd_tf.evaluation.metrics import Interval, auc_replicates, interval_of
from dfd_tf.studies.generators_table import Row
from dfd_tf.studies.ranking import held_out
from dfd_tf.types import FAKE, REAL, Floats

# Features far outnumber photos, so the probe is held back; the same for every recipe.
STRENGTH = 0.003
OTHERS = "fakes of the others"


@dataclass(frozen=True)
class Part:
    """A generator that is one of several in a source, known by the names of its files."""

    name: str
    source: str
    pattern: str


@dataclass(frozen=True)
class Photos:
    """Photos of a study and what a frozen backbone made of them.

    Attributes:
        table: with label, source, split, group and generator, "" for reals; of what a recipe
            learns from in place of the others' fakes also `recipe`, elsewhere "".
        features: (photos, n), finite.
    """

    table: pd.DataFrame
    features: NDArray[np.float32]

    def of(self, rows: NDArray[np.bool_]) -> Photos:
        """A part of them."""
        return Photos(self.table[rows].reset_index(drop=True), self.features[rows])


def with_generators(examples: pd.DataFrame, parts: Sequence[Part]) -> pd.DataFrame:
    """Examples with the generator of each fake: its source, or the part that its name fits.

    Raises:
        UserError: a part fits no fake.
    """
    generator = examples.source.where(examples.label == FAKE, "")
    for part in parts:
        fits = (examples.source == part.source) & (examples.label == FAKE)
        named = [fnmatch(Path(file).name, part.pattern) for file in examples.file]
        fits &= np.array(named, dtype=bool)
        if not fits.any():
            raise UserError(
                f"no fake of {part.source!r} has a name like {part.pattern!r}; sources are "
                f"{', '.join(sorted(examples.source.unique()))}."
            )
        generator = generator.where(~fits, part.name)
    return examples.assign(generator=generator, recipe="")


def drawn(examples: pd.DataFrame, limit: int, seed: int) -> pd.DataFrame:
    """At most so many photos of each recipe, source, generator and split."""
    shuffled = examples.sample(frac=1, random_state=seed)
    kept = shuffled.groupby(["recipe", "source", "generator", "label", "split"]).head(limit)
    return kept.sort_index()


def study_generators(photos: Photos, detector: str) -> list[Row]:
    """A row for each recipe: the others' fakes, and each set of pairs in their place.

    Args:
        photos: of all sources.
        detector: whose features these are, in a word.

    Raises:
        UserError: fewer than two generators.
    """
    own = photos.of((photos.table.recipe == "").to_numpy())
    tests = photos.of(photos.table.index.isin(_held_out_rows(photos.table)))
    generators = sorted(set(own.table.generator) - {""})
    if len(generators) < 2:
        raise UserError(f"leaving one generator out takes two or more; there is {generators}.")
    recipes = ["", *sorted(set(photos.table.recipe) - {""})]
    return [_row(photos, tests, generators, detector, recipe) for recipe in recipes]


def _held_out_rows(table: pd.DataFrame) -> NDArray[Any]:
    kept = table[table.recipe == ""].assign(place=lambda rows: rows.index)
    return held_out(kept).place.to_numpy()


def _row(
    photos: Photos, tests: Photos, generators: Sequence[str], detector: str, recipe: str
) -> Row:
    scored = {
        generator: _scores(shown_without(photos, generator, recipe), tests)
        for generator in generators
    }
    own = {name: _auc(tests.table, scores, name, own=True) for name, scores in scored.items()}
    other = {name: _auc(tests.table, scores, name, own=False) for name, scores in scored.items()}
    values = [value for value, _ in own.values()]
    replicates = np.mean([many for _, many in own.values()], axis=0)
    return Row(
        detector=detector,
        learned_from=recipe or OTHERS,
        auc=_intervals(own),
        auc_other_reals=_intervals(other),
        mean=interval_of(float(np.mean(values)), replicates),
        worst=generators[int(np.argmin(values))],
    )


def shown_without(photos: Photos, generator: str, recipe: str) -> Photos:
    """What a fold learns from: nothing of the generator, nor reals that stood against it alone.

    Such reals would tell the left-out source from all others, and whatever looks like it would pass
    as real. Reals beside another generator of the same source stay.
    """
    return photos.of(_is_shown(photos.table, generator, recipe))


def check_folds(table: pd.DataFrame) -> None:
    """Refuse before features are computed what no fold could learn from.

    Args:
        table: as of `Photos`.

    Raises:
        UserError: without a generator, a recipe has photos of one class only.
    """
    generators = sorted(set(table.generator[table.recipe == ""]) - {""})
    for recipe in sorted(set(table.recipe)):
        for generator in generators:
            if table.label[_is_shown(table, generator, recipe)].nunique() < len((REAL, FAKE)):
                raise UserError(
                    f"without {generator!r}, {recipe or OTHERS!r} has photos of one class only to "
                    "learn from: add sources, or pairs made from the reals of another one."
                )


def _is_shown(table: pd.DataFrame, generator: str, recipe: str) -> NDArray[np.bool_]:
    source = table.source[table.generator == generator].iloc[0]
    siblings = set(table.generator[table.source == source]) - {"", generator}
    kept = (table.split == "train") & (table.recipe == recipe) & (table.generator != generator)
    if not siblings:
        kept &= table.source != source
    return np.asarray(kept)


def _scores(shown: Photos, tests: Photos) -> Floats:
    """Log-odds of the tests by a logistic regression on the standardised features."""
    table = shown.table
    # Every source and class is heard alike.
    weights = 1 / table.groupby(["source", "label"])["label"].transform("size").to_numpy()
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=300))
    scale = len(table) / weights.sum()
    probe.fit(shown.features, table.label, logisticregression__sample_weight=weights * scale)
    return np.asarray(probe.decision_function(tests.features), np.float64)


def _auc(table: pd.DataFrame, scores: Floats, generator: str, *, own: bool) -> tuple[float, Floats]:
    """A generator's fakes against the reals of its source, or of all others; with replicates."""
    fakes = (table.generator == generator).to_numpy()
    beside = (table.source == table.source[fakes].iloc[0]).to_numpy()
    reals = (table.label == REAL).to_numpy() & (beside if own else ~beside)
    chosen = table[fakes | reals]
    # The bootstrap wants scores in [0, 1]; ranks have the same order.
    ranks = rankdata(scores[fakes | reals]) / len(chosen)
    return auc_replicates(chosen.label, ranks, groups=chosen.source + "\0" + chosen.group)


def _intervals(found: dict[str, tuple[float, Floats]]) -> dict[str, Interval]:
    return {name: interval_of(value, replicates) for name, (value, replicates) in found.items()}


def concatenated(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, of the columns that a study needs."""
    columns = ["path", "label", "source", "split", "group", "generator", "recipe"]
    return pd.concat([part[columns] for part in parts], ignore_index=True)
