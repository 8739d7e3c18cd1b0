"""The two exceptions that are no faults of the program: of its user, and of a file."""

from __future__ import annotations


class UserError(ValueError):
    """Wrong usage, configuration or data layout.

    The message says what was wrong, what was expected and how to go on; the command line prints
    it without a stack trace and exits with 2.
    """


class Unusable(ValueError):
    """A file that cannot be judged."""

    @property
    def reason(self) -> str:
        """Why not, in a few words for a person, such as ``"truncated JPEG"``."""
        return str(self)
