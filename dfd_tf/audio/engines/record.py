"""What an engine's record holds, and all engines there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dfd_tf.audio.reading import Samples
from dfd_tf.records import Registry


class Sentence(NamedTuple):
    """What is said: as it is written, and as it is spoken in the letters of the IPA."""

    text: str
    ipa: str


@dataclass(frozen=True)
class Order:
    """One fake that shall be made.

    Attributes:
        sentences: to be spoken, one after another.
        voice: one of the engine's; "" where it has none of its own.
        real: speech that is copied, mono at 16 kHz.
        others: further speech of the same person.
        rng: of everything that is left to chance.
    """

    sentences: Sequence[Sentence]
    voice: str
    real: Samples
    others: Sequence[Samples]
    rng: np.random.Generator

    @property
    def text(self) -> str:
        """All sentences as they are written."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True)
class Engine:
    """A way to make fakes.

    Attributes:
        name: of its folder, and what results call it.
        how: how it makes them, a few words.
        make: from an order to speech, mono at 16 kHz, of any length.
        missing: what has to be installed for it, as commands; "" where all is there.
        voices: that it can speak in; none where it copies real speech.
    """

    name: str
    how: str
    make: Callable[[Order], Samples]
    missing: Callable[[], str]
    voices: tuple[str, ...] = ()


ENGINES = Registry(
    Engine,
    package="dfd_tf.audio.engines",
    group="dfd_tf.speech_engines",
    first=("kokoro", "piper", "flite", "festival", "espeak", "world", "griffin_lim", "splice"),
)
