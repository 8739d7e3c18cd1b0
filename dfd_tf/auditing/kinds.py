"""The kinds of examples that are audited: what is measured of each, and what people call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from dfd_tf.auditing import facts, sound_facts
from dfd_tf.auditing.facts import Facts
from dfd_tf.auditing.shortcuts import Trait
from dfd_tf.reporting.thumbnails import thumbnail


@dataclass(frozen=True)
class Kind:
    """One kind of example.

    Attributes:
        one: of them is called so.
        many: of them are called so.
        content: what of it a detector should judge.
        look: what a detector does to it.
        signal: what a file holds beside its header.
        mend: how both classes are made alike, for `Finding.advice`.
        drop_copies: how copies are left out, for the same.
        alike: what makes two of them copies that are not equal byte for byte.
        traits: that are measured.
        collect: the facts of the files of a table of examples.
        picture: of a file, a data URI for a page; "" where there is none.
    """

    one: str
    many: str
    content: str
    look: str
    signal: str
    mend: str
    drop_copies: str
    alike: str
    traits: tuple[Trait, ...]
    collect: Callable[..., Facts]
    picture: Callable[[str], str]


IMAGES = Kind(
    "photo",
    "photos",
    "face",
    "a look at the face",
    "picture",
    "Write both classes alike with `dfd prepare --harmonise --data DIR --out DIR`, then audit the "
    "result.",
    "`dfd prepare --harmonise` leaves out the copies (duplicates.csv lists them)",
    "looking alike",
    facts.TRAITS,
    facts.collect_facts,
    thumbnail,
)
SOUNDS = Kind(
    "recording",
    "recordings",
    "voice",
    "an ear for the voice",
    "sound",
    "Cut, filter, level and encode both classes in one way, as `dfd prepare --speech-fakes` does "
    "with the fakes that it makes, then audit the result.",
    "Remove the copies, which duplicates.csv lists",
    "sounding alike",
    sound_facts.TRAITS,
    sound_facts.collect_facts,
    sound_facts.picture_of,
)


def kind_of(examples: pd.DataFrame) -> Kind:
    """The kind of the files of a table of examples, by their names."""
    return SOUNDS if sound_facts.are_sound(examples["path"]) else IMAGES
