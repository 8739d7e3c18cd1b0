"""The table of examples: which images there are, their class, split, group and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.data.sets.file_check import FileCheck, check_files
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.data.sets.splits import SHARE, split_folds, split_source
from dfd_tf.data.sets.tfds_sets import PREFIX, read_tfds
from dfd_tf.errors import UserError

__all__ = [
    "FileCheck",
    "check_files",
    "load_as_dealt",
    "load_examples",
    "split_table",
    "write_splits",
]

SPLITS = ("train", "valid", "valid_own", "test")


def load_examples(
    roots: Sequence[str | Path],
    *,
    seed: int = 0,
    fold: tuple[int, int] | None = None,
    valid_from_train: float = 0.0,
) -> pd.DataFrame:
    """List the images of one or more datasets, each with a split.

    Args:
        roots: dataset folders of any layout that `read_layout` knows, and ``tfds:NAME`` for sets
            that tensorflow-datasets has built, see `read_tfds`.
        seed: of the cuts, where a set brings no split of its own.
        fold: (k, K) for cross-validation: the sets' own splits are set aside, fold k is test.
        valid_from_train: if above 0, valid is this share of each set's train split (with ``fold``:
            of the folds that are not test), and a set's own valid split becomes ``"valid_own"``.

    Returns:
        One row per image as `read_layout` describes. ``source`` is made unique ("140k", "140k-2"),
        ``group`` starts with it, ``split`` is never empty, and ``difficulty`` and ``parts`` are
        there for all rows if any set brings them.

    Raises:
        UserError: no folders, an image that two of them share, an impossible fold or share, or see
            `read_layout`.
    """
    if isinstance(roots, str | Path):
        roots = [roots]
    if not roots:
        raise UserError("no dataset given: name at least one folder")
    if not 0 <= valid_from_train < 1:
        raise UserError(f"valid_from_train is {valid_from_train}: expected 0 up to, not with, 1")
    tables = []
    for table in _named_apart([_read(root) for root in roots]):
        if fold is None:
            split = split_source(table, seed=seed, valid_from_train=valid_from_train)
        else:
            split = split_folds(table, fold, seed=seed, valid_share=valid_from_train or SHARE)
        # The source enters the group only now: a folder's name must not decide the cut.
        tables.append(table.assign(split=split, group=table["source"] + ":" + table["group"]))
    return _concatenate(tables)


def load_as_dealt(roots: Sequence[str | Path], dealt: Mapping[str, Any]) -> pd.DataFrame:
    """List images with the splits that a detector's training dealt, see `load_examples`.

    Args:
        roots: dataset folders.
        dealt: the entry `data` of its detector.json.
    """
    return load_examples(
        roots,
        seed=dealt["seed"],
        fold=dealt["fold"] and tuple(dealt["fold"]),
        valid_from_train=dealt["valid_from_train"],
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


def _read(root: str | Path) -> pd.DataFrame:
    if str(root).startswith(PREFIX):
        return read_tfds(str(root))
    return read_layout(root)


def _named_apart(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    seen: dict[str, int] = {}
    renamed = []
    for table in tables:
        name = table["source"].iloc[0]
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
        renamed.append(table.assign(source=unique))
    return renamed


def _concatenate(tables: list[pd.DataFrame]) -> pd.DataFrame:
    examples = pd.concat(tables, ignore_index=True)
    twice = examples["path"].duplicated()
    if twice.any():
        raise UserError(f"{examples['path'][twice].iloc[0]} is in two of the given datasets")
    for column in {"difficulty", "parts"} & set(examples):
        examples[column] = examples[column].fillna("")
    return examples
