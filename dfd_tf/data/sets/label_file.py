"""A CSV of path and label as a dataset, by itself or in place of the names of folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dfd_tf.data.sets.choices import DEALT, FILE, FOLDER, Choices
from dfd_tf.data.sets.csv_rows import CsvRows, read_csv
from dfd_tf.data.sets.folders.vocabulary import class_of, label_of, split_of
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES

_PATHS = ("path", "file", "filename", "filepath", "image", "image path", "img", "img path", "name")
_LABELS = ("label", "class", "target", "is fake", "category", "ground truth")
_SPLITS = ("split", "subset", "partition", "set", "phase")
_SOURCES = ("source", "generator", "engine")
_GROUPS = ("group", "original", "video", "video id", "source video")

NO_FILE = "named in the table, but there is no such file"
NO_LABEL = "no label in the table"


class Labelled(NamedTuple):
    """A table of examples after a CSV, and the rows that gave none: their path and the reason."""

    table: pd.DataFrame
    dropped: dict[Path, str]


def read_labels(path: Path, base: Path, choices: Choices) -> Labelled:
    """Read a CSV of path and label.

    Args:
        path: of the CSV file. Its columns may be called ``path``, ``file``, ``image`` ... and
            ``label``, ``class`` ...; ``split``, ``group`` (or ``original``, ``video``) and
            ``source`` (or ``generator``, ``engine``) are read where they are there.
        base: the folder that relative paths begin in.
        choices: which other columns tell split and group.

    Returns:
        Columns path, file, label, split and group; ``group`` is the file where no column tells it;
        and ``own_source`` where one tells that.

    Raises:
        UserError: no such columns, a label or split that means none, or labels that contradict one
            another or the folders.
    """
    content = read_csv(path)
    table = _cells(content, path, choices)
    table["path"] = [os.path.normpath(base / _local(base, text)) for text in table["file"]]
    dropped = {Path(each): NO_LABEL for each in table["path"][table["text"] == ""]}
    table = table[table["text"] != ""]
    table = table.assign(label=_labels(table, path), split=_splits(table, path, choices))
    _require_agreement(table, path)
    absent = ~table["path"].map(os.path.isfile).astype(bool)
    dropped |= {Path(each): NO_FILE for each in table["path"][absent]}
    table = table[~absent].drop_duplicates("path").sort_values("path", ignore_index=True)
    table["file"] = [_below(base, each) for each in table["path"]]
    named = table["group"] != ""
    table["group"] = table["group"].where(named, table["file"])
    columns = ["path", "file", "label", "split", "group"]
    if (table["own_source"] != "").all():
        columns.append("own_source")
    return Labelled(table[columns], dropped)


def _cells(content: CsvRows, path: Path, choices: Choices) -> pd.DataFrame:
    columns = {
        "file": content.column(*_PATHS),
        "text": content.column(*_LABELS),
        "split": _chosen(content, path, choices.split_from, (FOLDER, DEALT), _SPLITS),
        "group": _chosen(content, path, choices.group_by, (FOLDER, FILE), _GROUPS),
        "own_source": content.column(*_SOURCES),
    }
    for name, known in (("file", _PATHS), ("text", _LABELS)):
        if columns[name] is None:
            raise UserError(
                f"{path} has the columns {', '.join(content.columns)}: expected one of path and "
                f"one of label; none is called {', '.join(known[:4])} ..."
            )
    rows = pd.DataFrame(content.rows, columns=content.columns, dtype=str)
    empty = pd.Series("", index=rows.index, dtype=str)
    return pd.DataFrame(
        {name: rows[column].str.strip() if column else empty for name, column in columns.items()}
    )


def _chosen(
    content: CsvRows, path: Path, choice: str | None, words: tuple[str, ...], usual: tuple[str, ...]
) -> str | None:
    """The column that a choice names, or the usual one; None where the choice is another."""
    if choice is None:
        return content.column(*usual)
    if choice in words:
        return None
    if column := content.column(choice):
        return column
    raise UserError(
        f"{path} has no column {choice!r}; there are: {', '.join(content.columns)}. "
        f"Else expected: {' or '.join(words)}"
    )


def _local(base: Path, text: str) -> str:
    """A path of the table as this machine writes it."""
    return text if (base / text).exists() else text.replace("\\", "/")


def _below(base: Path, path: str) -> str:
    return Path(path).relative_to(base).as_posix() if Path(path).is_relative_to(base) else path


def _labels(table: pd.DataFrame, path: Path) -> pd.Series:
    labels = table["text"].map(label_of)
    if labels.isna().any():
        unknown = sorted(set(table["text"][labels.isna()]))
        raise UserError(
            f"{path} has the labels {', '.join(unknown[:6])}: expected real or fake, or 0 for real "
            "and 1 for fake"
        )
    return labels.astype(int)


def _splits(table: pd.DataFrame, path: Path, choices: Choices) -> pd.Series:
    if choices.split_from in (FOLDER, DEALT):
        return table["split"]
    splits = table["split"].map(lambda text: split_of(text) if text else "")
    if splits.isna().any():
        unknown = sorted(set(table["split"][splits.isna()]))
        raise UserError(
            f"{path} has the splits {', '.join(unknown[:6])}: expected train, valid and test. To "
            "deal all images anew, say --split-from dealt"
        )
    if 0 < (splits == "").sum() < len(splits):
        raise UserError(
            f"{path} gives {(splits == '').sum()} rows no split and others one: fill the column, "
            "or deal all images anew with --split-from dealt"
        )
    return splits


def _require_agreement(table: pd.DataFrame, path: Path) -> None:
    torn = table.groupby("path")[["label", "split"]].transform("nunique").max(axis=1) > 1
    if torn.any():
        raise UserError(
            f"{path} has {torn.sum()} rows that name a file again with another label or split; "
            f"the first is {table['file'][torn].iloc[0]}: keep the right one of each"
        )
    by_number = table["text"].map(class_of).isna()
    folders = table["file"].map(_class_of_folders)
    against = by_number & folders.notna() & (folders != table["label"])
    if against.any():
        row = table[against].iloc[0]
        raise UserError(
            f"{path} gives {against.sum()} images a number that contradicts their folder: "
            f"{row['file']} has {row['text']}, which means {CLASS_NAMES[row['label']]} (0 is real, "
            "1 is fake). Write the words real and fake into the table, which then decide"
        )


def _class_of_folders(file: str) -> int | None:
    parts = file.replace("\\", "/").split("/")[:-1]
    return next((label for part in reversed(parts) if (label := class_of(part)) is not None), None)
