"""What long work says while it goes on: lines, and how far it has come."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass

from dfd_tf.progress import Progress, progress_bar


@dataclass(frozen=True)
class Reporter:
    """The one mouth of a run.

    Attributes:
        quiet: says nothing at all.
        to_stderr: where what is printed on the standard output is a result, such as a table.
    """

    quiet: bool = False
    to_stderr: bool = False

    def say(self, line: str) -> None:
        """Print a line, at once."""
        if not self.quiet:
            print(line, file=sys.stderr if self.to_stderr else sys.stdout, flush=True)

    @property
    def progress(self) -> bool:
        """Whether to show how far work has come."""
        return not self.quiet

    def bar(
        self, total: int, description: str, *, unit: str = "images"
    ) -> AbstractContextManager[Progress]:
        """See `progress_bar`."""
        return progress_bar(total, description, unit=unit, shown=self.progress)


SILENT = Reporter(quiet=True)
