"""FaceForensics++ as its download script leaves it, with the videos of actors if there are any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dfd_tf.types import FAKE, REAL
from dfd_tf.video.files import videos_below
from dfd_tf.video.sets.record import LabelledVideo, VideoLayout

_SEQUENCES = {"original_sequences": REAL, "manipulated_sequences": FAKE}
# Of the actors, the number of the person comes first, then that of the face put on, then the scene.
_ACTOR = re.compile(r"(\d\d)(?:_\d\d)?__")
_PAIR = re.compile(r"(\d{3})_(\d{3})$")


def _read(root: Path) -> Iterator[LabelledVideo]:
    found = [(p, label) for name, label in _SEQUENCES.items() for p in videos_below(root / name)]
    partners = _partners(path.stem for path, _ in found)
    for path, label in found:
        yield LabelledVideo(path, label, _group(path.stem, partners))


def _partners(stems: Iterator[str]) -> dict[str, str]:
    """Videos were manipulated in pairs, each with the face of the other."""
    pairs = [sorted(pair.groups()) for stem in stems if (pair := _PAIR.match(stem))]
    return {other: first for first, other in pairs}


def _group(stem: str, partners: dict[str, str]) -> str:
    if actor := _ACTOR.match(stem):
        return f"actor {actor[1]}"
    target = stem.split("_")[0]
    return partners.get(target, target)


RECORDS = (
    VideoLayout(
        "faceforensics",
        "original_sequences/…/videos and manipulated_sequences/METHOD/…/videos",
        _read,
    ),
)
