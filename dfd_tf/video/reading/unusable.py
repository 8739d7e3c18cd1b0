"""The one exception of a video that cannot be judged."""

from __future__ import annotations


class UnusableVideo(ValueError):
    """A video that cannot be judged."""

    @property
    def reason(self) -> str:
        """Why not, in a few words for a person, such as "it has no picture, only sound"."""
        return str(self)
