"""Where files that can be made again are kept between runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def user_cache() -> Path:
    """The folder for such files: DFD_CACHE if that is set, else ``~/.cache/dfd_tf``.

    Where that cannot be made, as in a container without a home, one that the system clears.
    """
    named = os.environ.get("DFD_CACHE")
    folder = Path(named or "~/.cache/dfd_tf").expanduser().absolute()
    if named or is_writable(folder):
        return folder
    return Path(tempfile.gettempdir()) / f"dfd_tf-{os.getuid()}"


def is_writable(folder: Path) -> bool:
    """Whether files can be written into a folder, or the folder be made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
