"""What a dataset layout is to the rest of the house: how it is recognised and what it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.types import FAKE, REAL, Takes

MASKS = "masks of the fakes"


def _as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _nothing(table: pd.DataFrame) -> list[str]:
    return []


@dataclass(frozen=True)
class Recognised:
    """A dataset that a layout has found in a folder.

    Attributes:
        parts: the class folders.
        annotate: adds to the table of `data.sets.reading` what names or further files tell:
            ``group``, ``difficulty``, ``parts``, and ``own_source``, what made each fake.
        remarks: sentences for the user about the annotated table.
        set_aside: folders whose images are no examples, each with the reason.
        used: further files that were read, such as a table.
    """

    parts: list[ClassFolder]
    annotate: Callable[[pd.DataFrame], pd.DataFrame] = _as_it_is
    remarks: Callable[[pd.DataFrame], list[str]] = _nothing
    set_aside: Mapping[Path, str] = field(default_factory=dict)
    used: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class Layout:
    """A way in which datasets lie on disk. One record, in one file, makes it known.

    Attributes:
        name: what ``--layout`` calls it.
        looked_for: the folders by which it is known, one line of an error message; "" is not
            shown there.
        recognise: the dataset whose split or class folders stand directly in a folder, or None.
        source: short name of the data in tables; None for `name`, "" for the folder's own name.
        terms: of use of the data, a sentence; "" where they are not known.
        rank: layouts of lower rank are asked first; what is less particular comes later.
        only_if_named: not asked unless the user names it.
        classes: labels of which there must be images.
        takes: of what its examples are; None where it may be either.
    """

    name: str
    looked_for: str
    recognise: Callable[[Folder], Recognised | None]
    source: str | None = None
    terms: str = ""
    rank: int = 50
    only_if_named: bool = False
    classes: tuple[int, ...] = (REAL, FAKE)
    takes: Takes | None = None

    @property
    def source_name(self) -> str:
        """Short name of the data, "" for that of the folder."""
        return self.name if self.source is None else self.source
