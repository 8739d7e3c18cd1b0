"""The offset of a video's sound against the lips of whoever is seen longest in it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from dfd_tf.audio.offset import STEPS_A_SECOND, Offset, offset_of
from dfd_tf.audio.reading import RATE, read_sound
from dfd_tf.errors import Unusable
from dfd_tf.faces.mesh import FaceMesh, mouth_opening
from dfd_tf.video.people.search import FaceSearch
from dfd_tf.video.people.shots import ShotFinder
from dfd_tf.video.people.tracks import Tracker
from dfd_tf.video.reading.lateness import sound_begins_late
from dfd_tf.video.reading.samples import samples_of
from dfd_tf.video.reading.stream import Video

SECONDS = 20.0  # of a video that are looked at


def offset_in(path: str | Path) -> Offset | None:
    """How far the sound comes after the lips, in the first `SECONDS` of a video.

    Every frame is looked at, up to 25 a second: about a second's work for two of the video.

    Args:
        path: of a video file.

    Returns:
        None where there is no sound, nobody is seen speaking for long enough, or nothing of it can
        be read.
    """
    try:
        looks = _looks(path)
        sound = read_sound(path).samples
        late = sound_begins_late(path)
    except Unusable:
        return None
    if not looks:
        return None
    times, opening = np.array(max(looks.values(), key=len)).T
    heard = sound[: int((times[-1] - late + 1) * RATE)]
    return offset_of(times - late, opening, heard)


def _looks(path: str | Path) -> dict[int, list[tuple[float, float]]]:
    """Times and openings of the mouth, by the number of the person."""
    search, tracker, shots, mesh = FaceSearch(), Tracker(), ShotFinder(), FaceMesh()
    looks: dict[int, list[tuple[float, float]]] = defaultdict(list)
    with Video(path) as video, samples_of(video, STEPS_A_SECOND) as samples:
        for time, image in samples:
            if time > SECONDS:
                break
            if new_shot := shots.begins(image):
                tracker.begin_shot()
            faces = search(image, time, tracker.alive, new_shot=new_shot)
            for track, face in zip(tracker.update(image, faces, time), faces, strict=True):
                looks[track.number].append((time, mouth_opening(mesh(image, face))))
    return looks
