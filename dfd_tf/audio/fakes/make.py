"""One fake of one real recording: ordered from an engine, long enough, in the recording's mould."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from dfd_tf.audio.engines.record import Engine, Order, Sentence
from dfd_tf.audio.fakes.alike import Mould, cast, mould, spoken_part
from dfd_tf.audio.reading import RATE, Samples, UnusableSound, read_sound

LETTERS_A_SECOND = 14
TRIES = 4  # each with a sentence more
LONGER = 1.4  # than the real recording, so that there is a choice of where to cut
OTHERS = 4  # recordings of the same person that an engine gets


class Maker:
    """Makes real recordings and their fakes; the same of the same seed, in whatever order.

    Args:
        reals: table with path, group and file, a name that no other recording has.
        sentences: what is said.
        seed: of everything that is drawn.
    """

    def __init__(self, reals: pd.DataFrame, sentences: Sequence[Sentence], seed: int) -> None:
        self.sentences, self.seed = sentences, seed
        self._paths = dict(zip(reals["file"], reals["path"], strict=True))
        self._of_group = {group: list(rows) for group, rows in reals.groupby("group")["file"]}
        self._group = dict(zip(reals["file"], reals["group"], strict=True))
        self.speech = lru_cache(maxsize=64)(self._speech)

    def real(self, file: str) -> tuple[Mould, Samples]:
        """The mould of a recording, and the recording in it.

        Raises:
            UnusableSound: it cannot be read, or nobody speaks in it.
        """
        return mould(self.speech(file), self._rng(file))

    def fake(self, file: str, engine: Engine) -> Samples:
        """An engine's fake of a recording.

        Raises:
            UnusableSound: the recording cannot be used, or the engine says nothing long enough.
        """
        form, _ = self.real(file)
        rng = self._rng(file, engine.name)
        voice = str(rng.choice(engine.voices)) if engine.voices else ""
        said = [self.sentences[i] for i in rng.permutation(len(self.sentences))]
        wanted = LONGER * form.n
        fewest = _n_sentences(said, wanted / RATE)
        for n in range(fewest, fewest + TRIES):
            order = Order(said[:n], voice, self.speech(file), self._others(file, rng), rng)
            made = engine.make(order)
            if not engine.voices:  # a copy begins and ends where the recording does
                return cast(made, form, rng)
            speech = spoken_part(made)
            if len(speech) >= wanted:
                return cast(speech, form, rng)
        raise UnusableSound(f"{engine.name} says nothing that is {wanted / RATE:.1f} s long")

    def _speech(self, file: str) -> Samples:
        return spoken_part(read_sound(self._paths[file]).samples)

    def _others(self, file: str, rng: np.random.Generator) -> list[Samples]:
        files = [other for other in self._of_group[self._group[file]] if other != file]
        drawn = [files[i] for i in rng.permutation(len(files))[:OTHERS]]
        return [speech for other in drawn if (speech := self._speech_or_none(other)) is not None]

    def _speech_or_none(self, file: str) -> Samples | None:
        try:
            return self.speech(file)
        except UnusableSound:
            return None

    def _rng(self, *names: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *(zlib.crc32(name.encode()) for name in names)])


def _n_sentences(said: Sequence[Sentence], seconds: float) -> int:
    """How many of some sentences take about so long."""
    letters = np.cumsum([len(sentence.text) for sentence in said])
    return int(np.searchsorted(letters, seconds * LETTERS_A_SECOND)) + 1
