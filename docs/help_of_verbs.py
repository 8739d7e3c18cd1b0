"""While the site is built: the marker "help of VERB" becomes what `dfd VERB --help` prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

MARKER = re.compile(r"^<!-- help of ([a-z -]+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill the markers of a page; called by MkDocs."""
    return MARKER.sub(lambda found: f"```text\n{help_of(found[1])}```", markdown)


def help_of(verb: str) -> str:
    """The help of a verb, 96 columns wide."""
    command = [sys.executable, "-m", "dfd_tf", *verb.split(), "--help"]
    surroundings = os.environ | {"COLUMNS": "96"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings)
    return done.stdout
