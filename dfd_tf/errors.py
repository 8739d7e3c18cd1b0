"""The one exception that is the user's to mend."""

from __future__ import annotations


class UserError(ValueError):
    """Wrong usage, configuration or data layout.

    The message says what was wrong, what was expected and how to go on; the command line prints
    it without a stack trace and exits with 2.
    """
