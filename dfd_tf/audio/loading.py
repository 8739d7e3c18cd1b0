"""From a row of an epoch's plan to a window of its recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.audio.degradations.randomly import augmenting, degrade_randomly
from dfd_tf.audio.hearing import Hearing
from dfd_tf.audio.reading import Samples, read_sound
from dfd_tf.audio.windows import filled, speech_of


def plan_recordings(
    train: pd.DataFrame, order: NDArray[np.int64], *, seed: int, epoch: int
) -> pd.DataFrame:
    """What an epoch shows: path, label and the seed of all that chance decides, a row each.

    The windows of a recording are the same whatever others are shown beside it, so that trainings
    on parts of the same recordings can share what a frozen network makes of them.

    Args:
        train: table of the training recordings, with sha256 of each.
        order: its row numbers, from `data.batches.sampling.epoch_order`.
        seed: of the run.
        epoch: its number.
    """
    plan: pd.DataFrame = train.iloc[order][["path", "label", "sha256"]].reset_index(drop=True)
    turns = plan.groupby("sha256").cumcount()
    seeds = [
        int(np.random.default_rng([seed, epoch, turn, int(digest[:8], 16)]).integers(2**32))
        for digest, turn in zip(plan.pop("sha256"), turns, strict=True)
    ]
    return plan.assign(seed=seeds)


class WindowLoader:
    """Draws windows of speech, each from a place that chance chooses.

    Args:
        hearing: how sound becomes inputs.
        chances: of each degradation, by its name, alike for both classes; other names, which
            mean pictures, are passed over.
    """

    def __init__(self, hearing: Hearing, chances: Mapping[str, float]) -> None:
        self.hearing = hearing
        self.chances = {name: chances[name] for name in augmenting() if chances.get(name)}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one input."""
        return self.hearing.input_shape

    def draw(self, row: Mapping[Any, Any]) -> Samples:
        """The input, float32, shape (size,), that a row of the plan stands for."""
        rng = np.random.default_rng(row["seed"])
        samples = read_sound(row["path"]).samples
        spoken = samples[speech_of(samples)]
        size = self.hearing.size
        start = rng.integers(max(1, len(spoken) - size + 1))
        strikes = rng.random(len(self.chances)) < list(self.chances.values())
        named = [name for name, strike in zip(self.chances, strikes, strict=True) if strike]
        # Before it is repeated, so that no seam is heard by a codec.
        window = degrade_randomly(spoken[start : start + size], named, row["seed"])
        return filled(window, size)
