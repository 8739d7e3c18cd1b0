"""In-the-Wild: speech of public persons, real and fake, in one folder with meta.csv."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.csv_rows import column_names, read_csv
from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.folders.vocabulary import squash
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE, REAL

_TABLE = "meta.csv"
_COLUMNS = ("file", "speaker", "label")
_LABELS = {"bonafide": REAL, "spoof": FAKE}


def _recognise(folder: Folder) -> Recognised | None:
    path = folder.path / _TABLE
    if not path.is_file() or set(_COLUMNS) - {squash(name) for name in column_names(path)}:
        return None
    content = read_csv(path)
    columns = {name: content.column(name) for name in _COLUMNS}
    rows = pd.DataFrame(content.rows, dtype=str)
    meta = pd.DataFrame({name: rows[column].str.strip() for name, column in columns.items()})
    meta = meta.assign(name=meta["file"].map(lambda file: Path(file).stem))
    meta["class"] = meta["label"].map(lambda text: _LABELS.get(squash(text)))
    parts = [
        ClassFolder(folder, label, "", only_loose=True, names=frozenset(names))
        for label in (REAL, FAKE)
        if (names := set(meta["name"][meta["class"] == label]))
    ]
    if {part.label for part in parts} != {REAL, FAKE}:
        return None
    speakers = meta.drop_duplicates("name").set_index("name")["speaker"]

    def by_speaker(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(group=table["path"].map(lambda path: speakers[Path(path).stem]))

    return Recognised(parts, annotate=by_speaker, used=frozenset({path}))


RECORDS = (
    Layout(
        "in_the_wild",
        "meta.csv of file, speaker, label beside the recordings (In-the-Wild)",
        _recognise,
        terms="In-the-Wild: Apache-2.0 for its table; the voices are of public persons.",
        rank=20,
        takes="sound",
    ),
)
