"""Where files that can be made again are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path:
    """The folder for such files: DFD_CACHE if that is set, else ``~/.cache/dfd_tf``."""
    return Path(os.environ.get("DFD_CACHE") or "~/.cache/dfd_tf").expanduser().absolute()
