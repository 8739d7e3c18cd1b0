"""When each frame of a stream is shown, whatever its packets claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

TYPICAL_STEP = 0.04  # seconds, where a stream does not say how long a frame lasts


class Clock:
    """Presentation times in seconds from the stream's beginning, never falling.

    Presentation times (PTS) are exact where a file is in order. Where they are missing or leap
    back, as in files that were joined carelessly, a frame follows the one before it.

    Args:
        start: presentation time of the stream's beginning in seconds; None where it is not known.
        step: typical distance of frames in seconds.
    """

    def __init__(self, start: float | None, step: float = TYPICAL_STEP) -> None:
        self._offset = None if start is None else -start
        self._step = step
        self._last: float | None = None

    def __call__(self, frame: av.VideoFrame) -> float:
        """The frame's time in seconds, at least 0."""
        stamp = frame.time
        if stamp is None:
            return self._keep((self._last if self._last is not None else -self._step) + self._step)
        if self._offset is None or (self._last is None and stamp + self._offset < 0):
            self._offset = -stamp
        if self._last is not None and stamp + self._offset < self._last:
            self._offset = self._last + self._step - stamp
        return self._keep(stamp + self._offset)

    def _keep(self, time: float) -> float:
        self._last = time
        return time
