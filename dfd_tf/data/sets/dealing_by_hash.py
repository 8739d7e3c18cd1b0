"""Deal groups to splits by their own hash, so that each stays where it is when a set grows."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from dfd_tf.types import CLASS_NAMES


class Dealt(NamedTuple):
    """The split of each row, and how many groups are not where their draw would have them."""

    split: pd.Series
    n_moved: int = 0


class _Group(NamedTuple):
    draw: float
    name: str
    labels: frozenset[int]


def deal_by_hash(
    table: pd.DataFrame, split: pd.Series, shares: Mapping[str, float], seed: int
) -> Dealt:
    """Cut splits from train: a group goes where its draw, evenly from 0 to 1, falls.

    Where a small set's split would have less than half of its share of a class, or none, the groups
    that come nearest are moved there; only such groups may move again when the set grows.

    Args:
        table: with ``group`` and ``label``.
        split: of each row; only "train" is cut.
        shares: of train for each split to cut, in the order in which they lie from 0 on; 0 for one
            that is not to be cut.
        seed: another seed, other draws.
    """
    wanted = {name: share for name, share in shares.items() if share > 0}
    train = table[split == "train"]
    if train.empty or not wanted:
        return Dealt(split)
    groups = [
        _Group(draw(seed, str(name)), str(name), frozenset(labels))
        for name, labels in train.groupby("group")["label"].unique().items()
    ]
    drawn = {group.name: _place(group.draw, wanted) for group in groups}
    dealt = dict(drawn)
    for _ in CLASS_NAMES:  # what the second class needs may have been the first one's
        _fill(groups, dealt, wanted)
    n_moved = sum(drawn[name] != dealt[name] for name in drawn)
    new = train["group"].map(dealt).reindex(split.index)
    return Dealt(split.where(split != "train", new), n_moved)


def draw(seed: int, group: str) -> float:
    """A number from 0 up to 1 that depends on the seed and the group's name alone."""
    name = unicodedata.normalize("NFC", group)  # file systems differ in the form that they keep
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _place(draw: float, shares: Mapping[str, float]) -> str:
    end = 0.0
    for name, share in shares.items():
        end += share
        if draw < end:
            return name
    return "train"


def _fill(groups: list[_Group], dealt: dict[str, str], shares: Mapping[str, float]) -> None:
    """Give every split half of its share of each class, as far as there are groups.

    Train comes first, then test, then valid.
    """
    names = ["train", *shares]
    for label in range(len(CLASS_NAMES)):
        ours = sorted((group for group in groups if label in group.labels), key=lambda g: g[:2])
        least = {name: max(1, int(share * len(ours) / 2)) for name, share in shares.items()}
        least["train"] = 1
        for name in names:
            while spare := _spare(Counter(dealt[g.name] for g in ours), name, names, least):
                able = [group for group in ours if dealt[group.name] == spare]
                dealt[able[-1 if name == "train" else 0].name] = name


def _spare(counts: Counter[str], wanting: str, names: list[str], least: Mapping[str, int]) -> str:
    """The split that can give a group to one that wants some, or "" if that has enough."""
    if counts[wanting] >= least[wanting]:
        return ""
    richest = max(names, key=lambda name: counts[name] - least[name])
    if counts[richest] > least[richest]:
        return richest
    less_needed = names[names.index(wanting) + 1 :]
    return "" if counts[wanting] else next((name for name in less_needed if counts[name]), "")
