"""What was read of some datasets and what was left out, as a table for people and as a CSV."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.finding import printable
from dfd_tf.data.sets.folders.left_out import LeftOut
from dfd_tf.data.sets.folders.tree import HIDDEN, NO_IMAGE
from dfd_tf.data.sets.layouts.record import MASKS
from dfd_tf.types import CLASS_NAMES

FILE = "dataset.csv"
_LOG = logging.getLogger("dfd_tf.data.sets")
_COLUMNS = ("source", "folder", "label", "split", "images", "groups", "left out because", "first")
_SPLITS = ("train", "valid", "valid_own", "test")
_SHOWN = 24
_HARMLESS = (HIDDEN, NO_IMAGE, MASKS)


@dataclass(frozen=True)
class Inventory:
    """An account of every file of some datasets.

    Attributes:
        read: a row for each ``source``, ``folder``, ``label`` and ``split``: how many ``images``
            and ``groups``.
        left_out: a row for each ``source``, ``folder`` and ``reason``: how many ``files``, and the
            ``first`` of them.
        remarks: sentences on how the data were understood.
    """

    read: pd.DataFrame
    left_out: pd.DataFrame
    remarks: tuple[str, ...] = ()

    @property
    def n_left_out(self) -> int:
        """How many files are not used."""
        return int(self.left_out["files"].sum())

    @property
    def lost(self) -> pd.DataFrame:
        """The rows of `left_out` that may be images which the user wanted to be used."""
        return self.left_out[~self.left_out["reason"].str.startswith(_HARMLESS)]

    def in_words(self) -> str:
        """A short text: the table of what was read, of what was left out, and the remarks."""
        notes = [f"note: {remark}" for remark in self.remarks]
        return "\n".join([*self._read_lines(), *_left_out_lines(self.left_out), *notes])

    def announce(self) -> None:
        """Log it: as a warning where images are lost, as information for who wants it else."""
        _LOG.info("%s", self.in_words())
        lost = self.lost
        if len(lost) and not _LOG.isEnabledFor(logging.INFO):
            _LOG.warning("%s", "\n".join(_left_out_lines(lost)))

    def _read_lines(self) -> list[str]:
        texts = self.read.assign(
            images=self.read["images"].map("{:,}".format),
            groups=self.read["groups"].map("{:,}".format),
        )
        return _aligned(
            [str(name) for name in texts], [[str(cell) for cell in row] for row in texts.to_numpy()]
        )

    def write(self, path: Path) -> None:
        """Write both tables as one CSV."""
        left_out = self.left_out.rename(columns={"files": "images", "reason": "left out because"})
        rows = pd.concat([self.read, left_out], ignore_index=True).reindex(columns=list(_COLUMNS))
        rows["groups"] = rows["groups"].astype("Int64")
        rows.to_csv(path, index=False)


def take_stock(
    examples: pd.DataFrame, left_out: list[tuple[str, LeftOut]], remarks: list[str]
) -> Inventory:
    """The account of a table of examples.

    Args:
        examples: with source, folder, label, split and group.
        left_out: what is in none of them, each with the name of its source.
        remarks: sentences for the user.
    """
    keys = ["source", "folder", "label", "split"]
    table = examples[[*keys, "group"]].assign(
        source=pd.Categorical(examples["source"], examples["source"].unique()),
        split=pd.Categorical(examples["split"], _SPLITS),
    )
    cells = table.groupby(keys, observed=True)["group"]
    counts = pd.DataFrame({"images": cells.size(), "groups": cells.nunique()})
    read = counts.reset_index().astype({"source": str, "split": str})
    read["label"] = [CLASS_NAMES[label] for label in read["label"]]
    rows = [
        (source, printable(row.folder), row.reason, row.files, printable(row.first))
        for source, row in left_out
    ]
    columns = ["source", "folder", "reason", "files", "first"]
    return Inventory(read, pd.DataFrame(rows, columns=columns), tuple(remarks))


def _left_out_lines(table: pd.DataFrame) -> list[str]:
    rows = [
        [f"{files:,}", f"{source}/{folder}".removesuffix("/."), reason]
        for source, folder, reason, files in zip(
            table["source"], table["folder"], table["reason"], table["files"], strict=True
        )
    ]
    return _aligned(["left out", "folder", "reason"], rows) if rows else []


def _aligned(head: list[str], rows: list[list[str]]) -> list[str]:
    """Columns under one another, as many rows as a person reads."""
    shown = [head, *rows[:_SHOWN]]
    widths = [max(len(cells[i]) for cells in shown) for i in range(len(head))]
    numbers = {"images", "groups", "left out"}
    lines = [
        "  ".join(
            cell.rjust(width) if name in numbers else cell.ljust(width)
            for name, cell, width in zip(head, cells, widths, strict=True)
        ).rstrip()
        for cells in shown
    ]
    more = len(rows) - _SHOWN
    return [*lines, f"... and {more:,} rows more"] if more > 0 else lines
