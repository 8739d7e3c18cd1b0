"""How far the sound of a file begins after its picture."""

from __future__ import annotations

from pathlib import Path

from dfd_tf.data.media import open_media
from dfd_tf.video.reading.stream import start_of


def sound_begins_late(path: str | Path) -> float:
    """Seconds from the first frame to the first sample, as the file has them.

    Args:
        path: of a file with sound; where it has no picture, its sound begins at 0.

    Raises:
        Unusable: it cannot be read.
    """
    with open_media(path, "a video") as container:
        sound = start_of(container.streams.audio[0]) or 0.0
        pictures = container.streams.video[:1]
        return sound - (start_of(pictures[0]) or 0.0) if pictures else 0.0
