"""Face crops of DFDC: ``{train,valid,test}/{real,fake}`` with a metadata.csv of their videos."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.csv_rows import column_names, read_csv
from dfd_tf.data.sets.folders.class_folders import class_folders
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import label_of, split_of, squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.errors import UserError

_COLUMNS = ("split", "file", "label", "original")


def _recognise(folder: Folder) -> Recognised | None:
    path = folder.path / "metadata.csv"
    parts = class_folders(folder)
    if not (parts and path.is_file() and _has_columns(path)):
        return None
    metadata = _read(path)
    return Recognised(
        parts,
        annotate=lambda table: _group_by_original(table, metadata, path),
        remarks=lambda table: _unmatched(table, metadata, path),
        used=frozenset({path}),
    )


def _has_columns(path: Path) -> bool:
    return set(_COLUMNS) <= {squash(name) for name in column_names(path)}


def _read(path: Path) -> pd.DataFrame:
    """Columns split, name, label and original of metadata.csv, with what each means here."""
    content = read_csv(path)
    columns = {name: content.column(name) for name in _COLUMNS}
    rows = pd.DataFrame(content.rows, columns=content.columns, dtype=str)
    cells = {name: rows[column].str.strip() for name, column in columns.items() if column}
    table = pd.DataFrame(
        {
            "split": cells["split"].map(lambda text: split_of(text) or ""),
            "name": cells["file"].str.replace("\\", "/").str.rpartition("/")[2],
            "label": cells["label"].map(label_of),
            "original": cells["original"],
        }
    )
    unknown = table["label"].isna()
    if unknown.any():
        raise UserError(
            f"{path} has the label {cells['label'][unknown].iloc[0]!r}: expected real or fake, or "
            "0 for real and 1 for fake"
        )
    return table


def _group_by_original(table: pd.DataFrame, metadata: pd.DataFrame, path: Path) -> pd.DataFrame:
    found = _looked_up(table, metadata)
    wrong = found["label_there"].notna() & (found["label_there"] != found["label"])
    if wrong.any():
        first = found[wrong].iloc[0]
        here, there = ("real", "fake") if first["label"] == 0 else ("fake", "real")
        raise UserError(
            f"{path} and the folders contradict each other on {wrong.sum()} images: "
            f"{first['file']} lies among the {here} ones and is {there} by the table. "
            "Mend the one that is wrong, or go by the folders alone with --layout plain"
        )
    table["group"] = found["original"].where(found["original"].fillna("") != "", table["group"])
    return table


def _looked_up(table: pd.DataFrame, metadata: pd.DataFrame) -> pd.DataFrame:
    """The table with ``original`` and ``label_there`` of the row of each image, missing if none."""
    keyed = table.assign(name=table["file"].str.rpartition("/")[2])
    rows = metadata.rename(columns={"label": "label_there"})
    # A name may stand in both classes of a split; where it does, the class tells the two apart.
    twice = rows.duplicated(["split", "name"], keep=False)
    exact = rows[twice].assign(label=rows["label_there"])
    exact = exact.drop_duplicates(["split", "name", "label"])
    found = keyed.merge(rows[~twice], on=["split", "name"], how="left")
    more = keyed.merge(exact, on=["split", "name", "label"], how="left")
    for column in ("original", "label_there"):
        found[column] = found[column].where(found[column].notna(), more[column])
    return found.set_index(table.index)


def _unmatched(table: pd.DataFrame, metadata: pd.DataFrame, path: Path) -> list[str]:
    remarks = []
    known = set(zip(table["split"], table["file"].str.rpartition("/")[2], strict=True))
    absent = [row not in known for row in zip(metadata["split"], metadata["name"], strict=True)]
    if any(absent):
        name = metadata["name"][absent].iloc[0]
        remarks.append(
            f"{sum(absent):,} rows of {path.name} name no image of their split; the first is {name}"
        )
    alone = _looked_up(table, metadata)["original"].isna()
    if alone.any():
        remarks.append(
            f"{alone.sum():,} images stand in no row of {path.name}, so each is a group of its "
            f"own; the first is {table['file'][alone].iloc[0]}"
        )
    return remarks


RECORDS = (
    Layout(
        name="dfdc",
        looked_for="{train,valid,test}/{real,fake} with a metadata.csv of split, file, label, "
        "original (DFDC faces)",
        recognise=_recognise,
        terms="Deepfake Detection Challenge: research only.",
        rank=10,
    ),
)
