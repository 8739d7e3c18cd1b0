"""What the house has to tell while a verb runs, on the error stream: what is printed is results."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def told_on_stderr(*, quiet: bool) -> Iterator[None]:
    """Show what the package logs: all, or with `quiet` only warnings; the same thing once."""
    logger = logging.getLogger("dfd_tf")
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Once())
    before = logger.level
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Once(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self.told: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        new = text not in self.told
        self.told.add(text)
        return new
