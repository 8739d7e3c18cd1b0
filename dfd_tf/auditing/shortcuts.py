"""Ways past the face or voice: what separates the classes and shows nothing of a forgery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dfd_tf.auditing.separability import holm, separability, value_table
from dfd_tf.errors import UserError
from dfd_tf.progress import progress_bar
from dfd_tf.types import FAKE, REAL

VALUES_KEPT = 10  # of each trait, the most telling ones


@dataclass(frozen=True)
class Trait:
    """Something about an example that a detector could read instead of the face or voice.

    Attributes:
        name: In words.
        columns: What the classifier is given.
        values: The column whose single values are compared between the classes; None for what is
            measured on pixels or samples and varies with them.
        of_making: Whether how the file was made decides it, though it has no single values.
    """

    name: str
    columns: tuple[str, ...]
    values: str | None = None
    of_making: bool = False

    @property
    def in_header(self) -> bool:
        """Whether the file's way of writing, not its picture or voice, decides it."""
        return self.of_making or self.values is not None


def find_shortcuts(
    images: pd.DataFrame,
    groups: pd.Series,
    traits: Sequence[Trait],
    *,
    progress: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every trait within every source, since sources differ for good reasons.

    Where no source has both classes, as where each is what one engine has made, the fakes of each
    are compared with all that is real.

    Args:
        images: the rows of `Facts`.
        groups: what belongs together, for each row.
        traits: of such examples.
        progress: whether to show a bar on stderr.

    Returns:
        The traits: ``source``, ``trait``, ``in_header``, ``auc``, ``low`` and ``high``, as
        `separability` gives them. And of the header traits, the most telling values: ``source``,
        ``trait``, the columns of `value_table`, and ``p_corrected`` for all values of the source.
    """
    sources = _compared(images)
    total = len(sources) * len(traits)
    rows, tables = [], []
    with progress_bar(total, "looking for shortcuts", unit="traits", shown=progress) as bar:
        for part in sources:
            for row in _measure(part, groups[part.index], traits):
                rows.append(row)
                bar.update()
            tables.append(_values(part, groups[part.index], traits))
    return pd.DataFrame(rows), pd.concat(tables, ignore_index=True)


def _compared(images: pd.DataFrame) -> list[pd.DataFrame]:
    """What is compared: the rows of each source, or its fakes beside all that is real."""
    sources = [part for _, part in images.groupby("source", sort=False)]
    both = [part for part in sources if part["label"].nunique() > 1]
    if both:
        return both
    real = images[images["label"] == REAL]
    mixed = [
        pd.concat([real, part]).assign(source=part["source"].iloc[0])
        for part in sources
        if len(real) and part["label"].iloc[0] == FAKE
    ]
    if not mixed:
        raise UserError(
            "no dataset has real and fake files that can be read, so none can be audited"
        )
    return mixed


def _measure(
    part: pd.DataFrame, groups: pd.Series, traits: Sequence[Trait]
) -> Iterator[dict[str, Any]]:
    for trait in traits:
        auc = separability(part[list(trait.columns)], part["label"], groups)
        yield {
            "source": part["source"].iloc[0],
            "trait": trait.name,
            "in_header": trait.in_header,
            "auc": auc["value"],
            "low": auc["low"],
            "high": auc["high"],
        }


def _values(part: pd.DataFrame, groups: pd.Series, traits: Sequence[Trait]) -> pd.DataFrame:
    tables = []
    for trait in traits:
        if trait.values is None:
            continue
        table = value_table(part[trait.values], part["label"], groups).reset_index(names="value")
        if len(table) == 2:  # the second says the same as the first
            table.loc[1, "p"] = 1.0
        tables.append(table.assign(source=part["source"].iloc[0], trait=trait.name))
    values = pd.concat(tables, ignore_index=True)
    telling = np.flatnonzero(values["p"] < 1)
    corrected = np.ones(len(values))
    corrected[telling] = holm(values["p"].to_numpy(np.float64)[telling])
    values["p_corrected"] = corrected
    return values.groupby(["source", "trait"], sort=False).head(VALUES_KEPT)
