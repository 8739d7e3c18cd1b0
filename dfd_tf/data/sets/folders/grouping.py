"""What belongs together: files in one folder below a class folder, as frames of a video."""

from __future__ import annotations

import pandas as pd

from dfd_tf.data.sets.choices import FILE, FOLDER
from dfd_tf.data.sets.folders.vocabulary import is_kind

# So many folders a class are taken for videos or persons; fewer could not be dealt to the splits.
_FEWEST_FOLDERS = 3


def group(table: pd.DataFrame, group_by: str | None) -> tuple[pd.Series, list[str]]:
    """The group of each image, and what there is to say about it.

    Args:
        table: with ``file``, ``folder`` (the class folder), ``label``, ``split`` and ``group``: the
            file itself, or what the layout knows.
        group_by: see `Choices`; None goes by the layout, else by the folders where each class has
            some that may be videos.
    """
    if group_by == FILE:
        return table["file"], []
    inner = _inner_folders(table)
    if group_by == FOLDER:
        return _by(table, inner.str.join("/")), []
    if (table["group"] != table["file"]).any() or not inner.str.len().any():
        return table["group"], []
    for depth in range(1, int(inner.str.len().max()) + 1):
        names = inner.str[:depth].where(inner.str.len() >= depth, inner.str[:0]).str.join("/")
        if _may_be_videos(names, table["label"]):
            return _by(table, names), [_taken_for_videos(names)]
    return table["group"], [_taken_for_kinds(inner)]


def _inner_folders(table: pd.DataFrame) -> pd.Series:
    """Names of the folders between class folder and image: a list for each row."""
    pairs = zip(table["file"], table["folder"], strict=True)
    inner = [file.removeprefix(f"{folder}/").split("/")[:-1] for file, folder in pairs]
    return pd.Series(inner, index=table.index, dtype=object)


def _may_be_videos(names: pd.Series, labels: pd.Series) -> bool:
    """Whether each class has enough folders, and they are not just kinds of image."""
    last = {name.rpartition("/")[2] for name in names if name}
    counts = names[names != ""].groupby(labels).nunique()
    enough = len(counts) == labels.nunique() and counts.min() >= _FEWEST_FOLDERS
    return bool(enough) and not all(is_kind(name) for name in last)


def _by(table: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Folders of one name in a split belong together across classes, as fake and original."""
    prefix = table["split"].where(table["split"] == "", table["split"] + "/")
    return (prefix + names).where(names != "", table["file"])


def _taken_for_videos(names: pd.Series) -> str:
    n = names[names != ""].nunique()
    return (
        f"each of the {n:,} folders below the class folders is a group that stays together, as "
        "frames of a video do; if these are not, say --group-by file"
    )


def _taken_for_kinds(inner: pd.Series) -> str:
    names = sorted({folders[0] for folders in inner if folders})
    shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    return (
        f"the folders below the class folders ({shown}) are taken for kinds of image, so every "
        "file is a group of its own; if they are videos or persons, say --group-by folder"
    )
