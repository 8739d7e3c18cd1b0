"""The faces of a video as files, as they were judged."""

from __future__ import annotations

from pathlib import Path

import cv2

from dfd_tf.types import Image
from dfd_tf.video.watching import Sight

FOLDER = "faces"


class CropWriter:
    """Writes each face as PNG, so that nothing is added to its pixels: faces/PERSON/SECONDS.png."""

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER

    def __call__(self, sight: Sight, crop: Image) -> None:
        """Write the crop of a face, RGB."""
        folder = self._folder / f"person_{sight.person:03}"
        folder.mkdir(parents=True, exist_ok=True)
        content = cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))[1]
        (folder / f"{sight.time:09.3f}.png").write_bytes(content.tobytes())
