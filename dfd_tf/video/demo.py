"""The clip of `dfd video --demo`, as a file."""

from __future__ import annotations

from pathlib import Path

from dfd_tf.demo.clip import FPS, clip_frames
from dfd_tf.video.writing.encode import Mp4

CLIP = "demo.mp4"
SEED = 2
# Sparing compression, of which the traces that the detector knows survive most.
FINE = {"crf": "10", "preset": "medium"}


def render_demo(folder: Path) -> Path:
    """Render the clip into a folder, which is made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CLIP
    with Mp4(path, options=FINE) as clip:
        for number, image in enumerate(clip_frames(SEED)):
            clip.add(number / FPS, image)
    return path
