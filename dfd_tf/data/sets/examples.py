"""The table of examples: which images there are, their class, split, group and source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import pandas as pd

from dfd_tf.data.sets.choices import Choices, Datasets, choices_of
from dfd_tf.data.sets.file_check import FileCheck, check_files
from dfd_tf.data.sets.inventory import Inventory, take_stock
from dfd_tf.data.sets.reading import Reading, read_root
from dfd_tf.data.sets.splits import BY_HASH, SHARE, split_folds, split_source
from dfd_tf.data.sets.tfds_sets import PREFIX, read_tfds
from dfd_tf.errors import UserError
from dfd_tf.types import Takes

__all__ = [
    "Examples",
    "FileCheck",
    "check_files",
    "load_as_dealt",
    "load_examples",
    "read_as_dealt",
    "read_examples",
    "split_table",
    "write_splits",
]

SPLITS = ("train", "valid", "valid_own", "test")


class Dealing(Protocol):
    """How a training dealt images to splits, see `load_examples`."""

    @property
    def seed(self) -> int:
        """Of the cuts."""

    @property
    def fold(self) -> tuple[int, int] | None:
        """(k, K) of a cross-validation."""

    @property
    def valid_from_train(self) -> float:
        """Share of train that is valid."""

    @property
    def dealing(self) -> int:
        """The way: `BY_RANK` or `BY_HASH`."""

    @property
    def layout(self) -> str | None:
        """What the user decided, see `Choices`; as the next two."""

    @property
    def split_from(self) -> str | None:
        """See `layout`."""

    @property
    def group_by(self) -> str | None:
        """See `layout`."""

    @property
    def takes(self) -> Takes | None:
        """Of what the examples are; None is "image"."""


class Examples(NamedTuple):
    """The images of some datasets, and an account of every file there.

    Attributes:
        table: see `load_examples`.
        inventory: what was read, and what was left out.
    """

    table: pd.DataFrame
    inventory: Inventory


def load_examples(
    roots: Sequence[str | Path],
    *,
    seed: int = 0,
    fold: tuple[int, int] | None = None,
    valid_from_train: float = 0.0,
    dealing: int = BY_HASH,
) -> pd.DataFrame:
    """List the images of one or more datasets, each with a split.

    What was read and what was left out is announced, see `Inventory.announce`.

    Args:
        roots: dataset folders of any layout that `read_layout` knows, CSV files of path and label,
            and ``tfds:NAME`` for sets that tensorflow-datasets has built, see `read_tfds`;
            `Datasets` says how to read those that can be read in several ways.
        seed: of the cuts, where a set brings no split of its own.
        fold: (k, K) for cross-validation: the sets' own splits are set aside, fold k is test.
        valid_from_train: if above 0, valid is this share of each set's train split (with ``fold``:
            of the folds that are not test), and a set's own valid split becomes ``"valid_own"``.
        dealing: the way in which sets without splits are cut, see `data.sets.splits`.

    Returns:
        One row per image as `read_layout` describes, without ``real``. ``source`` is made unique
        ("140k", "140k-2"), ``group`` starts with it, ``split`` is never empty, and ``difficulty``
        and ``parts`` are there for all rows if any set brings them.

    Raises:
        UserError: no folders, an image that two of them share, an impossible fold or share, or see
            `read_layout`.
    """
    return read_examples(
        roots,
        seed=seed,
        fold=fold,
        valid_from_train=valid_from_train,
        dealing=dealing,
    ).table


def read_examples(
    roots: Sequence[str | Path],
    *,
    seed: int = 0,
    fold: tuple[int, int] | None = None,
    valid_from_train: float = 0.0,
    dealing: int = BY_HASH,
) -> Examples:
    """List images as `load_examples` does, and give the account of every file, too."""
    if isinstance(roots, str | Path):
        roots = [roots]
    choices = choices_of(roots).settled()
    _require_possible(roots, valid_from_train, choices)
    tables, left_out, remarks = [], [], []
    for reading in _named_apart([_read(root, choices) for root in roots]):
        for table in reading.tables:
            if fold is None:
                split, n_moved = split_source(
                    table, seed=seed, valid_from_train=valid_from_train, dealing=dealing
                )
                remarks += _few(table["source"].iloc[0], n_moved)
            else:
                split = split_folds(table, fold, seed=seed, valid_share=valid_from_train or SHARE)
            # The source enters the group only now: a folder's name must not decide the cut.
            table = table.assign(split=split, group=table["source"] + ":" + table["group"])
            tables.append(_by_own_source(table))
        left_out += [(_name(reading), row) for row in reading.left_out]
        remarks += [f"{_name(reading)}: {remark}" for remark in reading.remarks]
    table = _concatenate(tables)
    inventory = take_stock(table, left_out, remarks)
    inventory.announce()
    return Examples(table, inventory)


def load_as_dealt(roots: Sequence[str | Path], dealt: Dealing) -> pd.DataFrame:
    """List images with the splits that a detector's training dealt, see `read_as_dealt`."""
    return read_as_dealt(roots, dealt).table


def read_as_dealt(roots: Sequence[str | Path], dealt: Dealing) -> Examples:
    """List images with the splits that a detector's training dealt, see `load_examples`.

    Args:
        roots: dataset folders. What the user leaves open of how to read them is as in the training.
        dealt: the entry `data` of its detector.json.
    """
    training = Choices(dealt.layout, dealt.split_from, dealt.group_by, takes=dealt.takes)
    return read_examples(
        Datasets(roots, choices_of(roots).or_as(training)),
        seed=dealt.seed,
        fold=dealt.fold,
        valid_from_train=dealt.valid_from_train,
        dealing=dealt.dealing,
    )


def _require_possible(
    roots: Sequence[str | Path], valid_from_train: float, choices: Choices
) -> None:
    if not roots:
        raise UserError("no dataset given: name at least one folder")
    if not 0 <= valid_from_train < 1:
        raise UserError(f"valid_from_train is {valid_from_train}: expected 0 up to, not with, 1")
    if choices.labels and len(roots) > 1:
        raise UserError(
            "--labels belongs to one dataset: give one --data with it, or the tables themselves as "
            "--data, each with paths that begin in its own folder"
        )


def split_table(examples: pd.DataFrame) -> pd.DataFrame:
    """Count images by source and split (rows) and class (columns ``real`` and ``fake``)."""
    counts = pd.crosstab([examples["source"], examples["split"]], examples["label"])
    counts = counts.reindex(columns=[0, 1], fill_value=0)
    order = [(source, split) for source in examples["source"].unique() for split in SPLITS]
    counts = counts.loc[[row for row in order if row in counts.index]]
    return counts.set_axis(["real", "fake"], axis="columns")


def write_splits(examples: pd.DataFrame, path: str | Path) -> None:
    """Write down who is in which split: a CSV of source, file, label, split and group."""
    columns = ["source", "file", "label", "split", "group"]
    examples[columns].to_csv(path, index=False)


def _read(root: str | Path, choices: Choices) -> Reading:
    if str(root).startswith(PREFIX):
        table = read_tfds(str(root))
        return Reading([table.assign(real=table["path"], folder=table["split"])])
    return read_root(root, choices)


def _name(reading: Reading) -> str:
    return " + ".join(table["source"].iloc[0] for table in reading.tables)


def _named_apart(readings: list[Reading]) -> list[Reading]:
    seen: dict[str, int] = {}
    renamed = []
    for reading in readings:
        tables = []
        for table in reading.tables:
            name = table["source"].iloc[0]
            seen[name] = seen.get(name, 0) + 1
            unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
            tables.append(table.assign(source=unique))
        renamed.append(replace(reading, tables=tables))
    return renamed


def _by_own_source(table: pd.DataFrame) -> pd.DataFrame:
    """With the source that a table of labels names for each row, where it does.

    Groups go over the sources of one table: a voice is in one split, whoever forged it.
    """
    if "own_source" not in table:
        return table
    return table.assign(source=table["own_source"]).drop(columns="own_source")


def _few(source: str, n_moved: int) -> list[str]:
    if not n_moved:
        return []
    moved = "1 of its groups was" if n_moved == 1 else f"{n_moved} of its groups were"
    return [
        f"{source}: so small that {moved} moved to give every split enough of both classes; "
        "figures on so few images mean little"
    ]


def _concatenate(tables: list[pd.DataFrame]) -> pd.DataFrame:
    examples = pd.concat(tables, ignore_index=True)
    twice = examples["real"].duplicated(keep=False)
    if twice.any():
        again = examples[examples["real"] == examples["real"][twice].iloc[0]]["path"].unique()
        raise UserError(
            f"{again[0]} is in two of the given datasets"
            + (f", there as {again[1]}" if len(again) > 1 else "")
            + ": name each set once"
        )
    for column in {"difficulty", "parts"} & set(examples):
        examples[column] = examples[column].fillna("")
    return examples.drop(columns="real")
