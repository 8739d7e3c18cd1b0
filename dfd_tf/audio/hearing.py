"""From the samples of a recording to a detector's inputs, the same way everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from dfd_tf.audio.reading import Samples
from dfd_tf.audio.windows import Windows, windows_of


@dataclass(frozen=True)
class Hearing:
    """How sound becomes inputs; stored in the bundle, in the place of an image's `Preprocessing`.

    Attributes:
        takes: what tells it from that.
        size: samples of a window at 16 kHz.
        step: samples from one window to the next; the last one ends where the speech does.
    """

    takes: Literal["sound"]
    size: int
    step: int

    input_name = "samples"
    views = 1  # of a recording that cannot be heard; of others, as many as it has windows

    @property
    def input_shape(self) -> tuple[int]:
        """Of one input of the network."""
        return (self.size,)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def windows_of(self, samples: Samples) -> Windows:
        """The windows of a recording's speech, each of which is judged.

        Raises:
            NoSpeech, UserError: see `audio.windows.windows_of`.
        """
        return windows_of(samples, self.size, self.step)


def hearing(size: int) -> Hearing:
    """Windows that overlap by half."""
    return Hearing("sound", size, size // 2)
