"""The images of a run: found, dealt to splits, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from dfd_tf.audio.file_check import check_recordings
from dfd_tf.config import OneClassConfig, RunConfig
from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import check_files, read_examples
from dfd_tf.data.sets.file_check import FileCheck
from dfd_tf.data.sets.inventory import Inventory
from dfd_tf.errors import UserError
from dfd_tf.models import architecture
from dfd_tf.reporter import Reporter

CHECKS = {"image": check_files, "sound": check_recordings}


@dataclass(frozen=True)
class RunData:
    """What a run trains and is measured on.

    Attributes:
        examples: every example with its split, damaged ones included.
        usable: those that decode, with what `CHECKS` found out about each.
        damaged: path and reason of those that do not.
        fingerprint: SHA-256 over the content of all files, in hexadecimal.
        inventory: what was read of the datasets and what was left out.
        needs_fakes: whether training and validation cannot do without fakes.
    """

    examples: pd.DataFrame
    usable: pd.DataFrame
    damaged: pd.DataFrame
    fingerprint: str
    inventory: Inventory
    needs_fakes: bool = True

    def split(self, name: str) -> pd.DataFrame:
        """Usable examples of a split.

        Raises:
            UserError: it lacks a class that is needed.
        """
        part = self.usable[self.usable.split == name].reset_index(drop=True)
        needed = {0, 1} if self.needs_fakes else {0}
        if not needed <= set(part.label):
            counts = part.label.value_counts().to_dict()
            raise UserError(
                f"The split {name!r} needs real {'and fake ' if self.needs_fakes else ''}images; "
                f"it has {counts.get(0, 0)} real and {counts.get(1, 0)} fake."
            )
        return part

    @property
    def native_side(self) -> int:
        """Shorter side of the median training image in pixels."""
        train = self.split("train")
        return int(np.median(np.minimum(train.height, train.width)))


class Found(NamedTuple):
    """Every example of some datasets with its split, and what is usable of them."""

    examples: pd.DataFrame
    checked: FileCheck
    inventory: Inventory


def find(config: RunConfig, reporter: Reporter) -> Found:
    """Find, split and check the images of a run.

    Raises:
        UserError: a dataset's layout is unknown.
    """
    options = config.data
    takes = architecture(config.model.name).takes
    choices = Choices(options.layout, options.split_from, options.group_by, options.labels, takes)
    examples, inventory = read_examples(
        Datasets(options.paths, choices),
        seed=config.seed,
        fold=options.fold,
        valid_from_train=options.valid_from_train,
    )
    check = CHECKS[takes]
    return Found(examples, check(examples, progress=reporter.progress), inventory)


def gather(config: RunConfig, reporter: Reporter, found: Found | None = None) -> RunData:
    """Find, split and check the images of a run.

    Args:
        config: of the run.
        reporter: is told what cannot be used.
        found: by `find` already, for a run of the same data, seed and dealing.

    Raises:
        UserError: a dataset's layout is unknown, or too little of it is usable.
    """
    options = config.data
    examples, checked, inventory = found or find(config, reporter)
    for row in checked.damaged.itertuples():
        reporter.say(f"skipped, cannot be used: {row.path} ({row.reason})")
    usable = limited(checked.usable, options.train_limit, config.seed)
    if config.one_class:
        usable = _without_hidden_fakes(usable, config.one_class, config.seed)
    needs_fakes = config.one_class is None
    return RunData(examples, usable, checked.damaged, checked.fingerprint, inventory, needs_fakes)


def _without_hidden_fakes(usable: pd.DataFrame, config: OneClassConfig, seed: int) -> pd.DataFrame:
    """Keep of each source's training fakes the fraction to be shown, at least one if any.

    A smaller fraction is part of a larger one, so that a sweep adds fakes and exchanges none.
    """
    fakes = usable[(usable.split == "train") & (usable.label == 1)]
    shown = [
        part.sample(frac=1, random_state=seed).head(math.ceil(config.fake_fraction * len(part)))
        for source, part in fakes.groupby("source")
        if not config.fakes_from or source in config.fakes_from
    ]
    hidden = fakes.index.difference(pd.concat(shown).index if shown else [])
    return usable.drop(index=hidden)


def limited(usable: pd.DataFrame, limit: int | None, seed: int) -> pd.DataFrame:
    """Keep `limit` training images, half of each class, for learning curves.

    Raises:
        UserError: a class has fewer than half of that.
    """
    train = usable[usable.split == "train"]
    if limit is None or limit >= len(train):
        return usable
    by_class = train.groupby("label", group_keys=False)
    least = int(by_class.size().min())
    if limit // 2 > least:
        raise UserError(
            f"data.train_limit is {limit}, half of each class, but the smaller class has {least} "
            f"training images; set it to {2 * least} or less."
        )
    kept = by_class.sample(limit // 2, random_state=seed)
    return pd.concat([kept, usable[usable.split != "train"]])
