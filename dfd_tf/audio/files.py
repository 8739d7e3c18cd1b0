"""Which files of a folder are sound."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Of videos, those are here whose sound is likely to be wanted.
ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "flac", "mp3", "m4a", "aac", "ogg", "oga", "opus", "aif", "aiff", "amr", "caf"),
        *("w64", "au", "wma", "webm", "mka", "mp4", "m4v", "mov", "mkv", "avi", "mpg", "mpeg"),
    )
)


def sounds_below(root: Path) -> Iterator[Path]:
    """All visible files below a folder whose names end as those of sound do, in order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in ENDINGS and not name.startswith("."):
                yield Path(folder, name)
