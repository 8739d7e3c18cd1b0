"""Folders of real speech and nothing else, and who speaks in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.file_kinds import SOUND_EXTENSIONS, is_hidden
from dfd_tf.data.sets.splits import split_source
from dfd_tf.errors import UserError
from dfd_tf.types import REAL

# Videos have sound, too.
ENDINGS = SOUND_EXTENSIONS | {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"}
# RAVDESS: modality, channel, emotion, intensity, sentence, repetition, actor.
_RAVDESS = re.compile(r"(?:\d\d-){6}(\d\d)$")


def read_reals(root: str | Path, *, seed: int = 0) -> pd.DataFrame:
    """List the recordings below a folder, all of them real, dealt to splits by who speaks.

    Args:
        root: the folder. Who speaks is said by the number of the actor in the names of RAVDESS,
            else by the folders below it; where there are none, each recording stands for itself.
        seed: of the cut.

    Returns:
        Table with path, label, group, split and source, a name for the folder.

    Raises:
        UserError: there is no such folder, or no sound in it.
    """
    root = Path(root).expanduser().resolve()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder: expected one of recordings of real speech")
    paths = list(_sounds_below(root))
    if not paths:
        raise UserError(f"{root} holds no sound: expected recordings such as WAV, FLAC or MP3")
    table = pd.DataFrame({"path": [str(path) for path in paths], "label": REAL, "split": ""})
    table = table.assign(group=[_speaker(path, root) for path in paths], source=root.name)
    return table.assign(split=split_source(table, seed=seed).split)


def _sounds_below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(names):
            if Path(name).suffix.lower() in ENDINGS and not is_hidden(name):
                yield Path(folder, name)


def _speaker(path: Path, root: Path) -> str:
    if ravdess := _RAVDESS.search(path.stem):
        return f"actor {ravdess[1]}"
    folder = path.parent.relative_to(root).as_posix()
    several = any(each.is_dir() for each in path.parent.parent.iterdir() if each != path.parent)
    return folder if folder != "." and several else path.relative_to(root).as_posix()
