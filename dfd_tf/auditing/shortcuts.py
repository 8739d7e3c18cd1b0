"""Ways past the face: what separates the classes although it shows nothing of a forgery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dfd_tf.auditing.facts import FILE_SIZE
from dfd_tf.auditing.pixel_traits import BLOCK_PHASE, COLOUR, SHARPNESS, SPECTRUM
from dfd_tf.auditing.separability import holm, separability, value_table
from dfd_tf.errors import UserError
from dfd_tf.progress import progress_bar

VALUES_KEPT = 10  # of each trait, the most telling ones


@dataclass(frozen=True)
class Trait:
    """Something about an image that a detector could read instead of the face.

    Attributes:
        name: In words.
        columns: What the classifier is given.
        values: The column whose single values are compared between the classes; None for what is
            measured on pixels and varies with them.
    """

    name: str
    columns: tuple[str, ...]
    values: str | None = None

    @property
    def in_header(self) -> bool:
        """Whether the file's way of writing, not its picture, decides it."""
        return self.values is not None


TRAITS = (
    Trait("format", ("format",), "format"),
    Trait("size in pixels", ("width", "height"), "size"),
    Trait("colour mode", ("mode",), "mode"),
    Trait("JPEG quantisation tables", ("tables", "table_mean"), "tables"),
    Trait("chroma subsampling", ("subsampling",), "subsampling"),
    Trait("EXIF and other metadata", ("metadata",), "metadata"),
    Trait("file size", FILE_SIZE),
    Trait("mean colour", COLOUR),
    Trait("sharpness", SHARPNESS),
    Trait("spectrum (resize filter)", SPECTRUM),
    Trait("8x8 block phase", BLOCK_PHASE),
)


def find_shortcuts(
    images: pd.DataFrame, groups: pd.Series, *, progress: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every trait within every source, since sources differ for good reasons.

    Args:
        images: the images of `Facts`.
        groups: what belongs together, for each row.
        progress: whether to show a bar on stderr.

    Returns:
        The traits: ``source``, ``trait``, ``in_header``, ``auc``, ``low`` and ``high``, as
        `separability` gives them. And of the header traits, the most telling values: ``source``,
        ``trait``, the columns of `value_table`, and ``p_corrected`` for all values of the source.
    """
    sources = [part for _, part in images.groupby("source", sort=False) if part.label.nunique() > 1]
    if not sources:
        raise UserError(
            "no dataset has real and fake images that can be read, so none can be audited"
        )
    total = len(sources) * len(TRAITS)
    rows, tables = [], []
    with progress_bar(total, "looking for shortcuts", unit="traits", shown=progress) as bar:
        for part in sources:
            for row in _measure(part, groups[part.index]):
                rows.append(row)
                bar.update()
            tables.append(_values(part, groups[part.index]))
    return pd.DataFrame(rows), pd.concat(tables, ignore_index=True)


def _measure(part: pd.DataFrame, groups: pd.Series) -> Iterator[dict[str, Any]]:
    for trait in TRAITS:
        auc = separability(part[list(trait.columns)], part["label"], groups)
        yield {
            "source": part["source"].iloc[0],
            "trait": trait.name,
            "in_header": trait.in_header,
            "auc": auc["value"],
            "low": auc["low"],
            "high": auc["high"],
        }


def _values(part: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    tables = []
    for trait in TRAITS:
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
