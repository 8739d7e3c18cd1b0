"""How far long work has come: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

SECONDS_BETWEEN_LINES = 30.0


class Progress(Protocol):
    """Counts what is done."""

    def update(self, n: float = 1) -> object:
        """Count n more."""


class _Silence:
    def update(self, n: float = 1) -> None:
        pass


class _Lines:
    """Lines for a log, seldom enough not to fill it; none for what is done before the first."""

    def __init__(self, total: int | None, description: str, unit: str) -> None:
        self.total, self.description, self.unit = total, description, unit
        self.done = 0.0
        self.begun = self.last = time.monotonic()

    def update(self, n: float = 1) -> None:
        self.done += n
        now = time.monotonic()
        if now - self.last >= SECONDS_BETWEEN_LINES:
            self.last = now
            print(self._line(now - self.begun), file=sys.stderr, flush=True)

    def _line(self, seconds: float) -> str:
        if self.total is None:
            return f"{self.description}: {self.done:,.0f} {self.unit}"
        left = seconds * (self.total - self.done) / self.done if self.done else 0.0
        return (
            f"{self.description}: {self.done:,.0f} of {self.total:,} {self.unit}, "
            f"about {left / 60:.0f} min left"
        )


@contextmanager
def progress_bar(
    total: int | None, description: str, *, unit: str = "images", shown: bool = True
) -> Iterator[Progress]:
    """Count up to a total on stderr while the block runs.

    Args:
        total: how many there are; None where nobody knows.
        description: what is being done.
        unit: of what is counted.
        shown: whether to say anything at all.
    """
    if not shown:
        yield _Silence()
    elif not sys.stderr.isatty():
        yield _Lines(total, description, unit)
    else:
        with tqdm(total=total, desc=description, unit=f" {unit}", leave=False) as bar:
            yield bar


def tracked(
    items: Iterable[Item],
    total: int | None,
    description: str,
    *,
    unit: str = "images",
    shown: bool = True,
) -> Iterator[Item]:
    """The items one by one, counted by a `progress_bar`."""
    with progress_bar(total, description, unit=unit, shown=shown) as bar:
        for item in items:
            yield item
            bar.update()
