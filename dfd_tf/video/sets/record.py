"""What the record of a layout holds, and all layouts there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dfd_tf.records import Registry


class LabelledVideo(NamedTuple):
    """A video of a set.

    Attributes:
        path: of the file.
        label: 0 for real, 1 for fake.
        group: of what belongs together: all videos that were made of the same one.
        split: "train", "valid" or "test" where the set says so, else "".
    """

    path: Path
    label: int
    group: str
    split: str = ""


@dataclass(frozen=True)
class VideoLayout:
    """How a public set, or one of your own, lays its videos out.

    Attributes:
        name: what results call it.
        looks_for: what is expected in the folder, for whoever's folder is none.
        read: from the folder to its videos; none where it is laid out otherwise.
    """

    name: str
    looks_for: str
    read: Callable[[Path], Iterable[LabelledVideo]]


VIDEO_LAYOUTS = Registry(
    VideoLayout,
    package="dfd_tf.video.sets",
    group="dfd_tf.video_layouts",
    first=("faceforensics", "celebdf", "dfdc", "plain"),
)
