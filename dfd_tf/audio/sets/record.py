"""What the record of a layout holds, and all layouts there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dfd_tf.records import Registry


class LabelledSound(NamedTuple):
    """A recording of a set.

    Attributes:
        path: of the file.
        label: 0 for real, 1 for fake.
        group: who speaks, as far as the set says; else the file.
        split: "train", "valid" or "test" where the set says so, else "".
        source: what made the fake, as the set calls it, such as "A07"; "" for real speech.
    """

    path: Path
    label: int
    group: str
    split: str = ""
    source: str = ""


@dataclass(frozen=True)
class SoundLayout:
    """How a public set, or one of your own, lays its recordings out.

    Attributes:
        name: what results call it.
        looks_for: what is expected in the folder, for whoever's folder is none.
        read: from the folder to its recordings; none where it is laid out otherwise.
        terms: of use of the data, a sentence; "" where they are not known.
    """

    name: str
    looks_for: str
    read: Callable[[Path], Iterable[LabelledSound]]
    terms: str = ""


SOUND_LAYOUTS = Registry(
    SoundLayout,
    package="dfd_tf.audio.sets",
    group="dfd_tf.sound_layouts",
    first=("asvspoof2019", "asvspoof2021", "asvspoof5", "in_the_wild", "wavefake", "plain"),
)
