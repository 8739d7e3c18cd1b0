"""Folders of videos as a table of labels, groups and splits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.splits import split_source
from dfd_tf.errors import UserError
from dfd_tf.video.sets.record import VIDEO_LAYOUTS, LabelledVideo


def read_videos(roots: Sequence[str | Path], *, seed: int = 0) -> pd.DataFrame:
    """List the videos of one or more sets, each with a split.

    Sets without splits are cut by group, as sets of photos are. All frames of a video stand in one
    row, so that nothing of a video can be in two splits.

    Args:
        roots: folders of any of the layouts.
        seed: of the cuts.

    Returns:
        Table with path, label, group, source and split.

    Raises:
        UserError: a folder is laid out in no way that is known.
    """
    return pd.concat([_table(Path(root), seed) for root in roots], ignore_index=True)


def split_of_videos(table: pd.DataFrame, split: str) -> pd.DataFrame:
    """The rows of a split, or of "all".

    Raises:
        UserError: there are none.
    """
    chosen = table if split == "all" else table[table.split == split]
    if chosen.empty:
        there = ", ".join(sorted(set(table.split)))
        raise UserError(f"no videos are in the split {split!r}; there are: {there}.")
    return chosen.reset_index(drop=True)


def _table(root: Path, seed: int) -> pd.DataFrame:
    videos = _videos_in(root)
    table = pd.DataFrame(videos, columns=LabelledVideo._fields)
    table = table.assign(path=table["path"].map(str), source=root.resolve().name)
    table["split"] = split_source(table, seed=seed).split
    table["group"] = table["source"] + ":" + table["group"]
    return table


def _videos_in(root: Path) -> list[LabelledVideo]:
    for layout in VIDEO_LAYOUTS:
        if videos := list(layout.read(root)):
            return videos
    expected = "; ".join(f"{layout.name}: {layout.looks_for}" for layout in VIDEO_LAYOUTS)
    raise UserError(f"{root} holds no set of videos that is known. Expected one of: {expected}.")
