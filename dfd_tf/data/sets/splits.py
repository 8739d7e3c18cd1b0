"""Cut a dataset into train, valid and test: by group, evenly over classes, the same everywhere.

The cut depends on the seed and on names inside the dataset alone: groups are ranked by a hash, not
by a random stream, so neither the place of the data, the order of the file system nor the version
of a library changes it.

There are two ways of dealing. By hash, each group goes where its own hash says, so that a set
keeps its splits when photos come or go. By rank, groups are counted off, which is more even, but
one more photo moves others: the way of older detectors, and of cross-validation.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from dfd_tf.data.sets.dealing_by_hash import Dealt, deal_by_hash
from dfd_tf.errors import UserError

SHARE = 0.15  # of the images for valid, and as much for test
BY_RANK, BY_HASH = 1, 2


def split_source(
    table: pd.DataFrame, *, seed: int, valid_from_train: float = 0.0, dealing: int = BY_HASH
) -> Dealt:
    """Give every image of one dataset a split, keeping the splits that it brings.

    A set without splits is cut 70/15/15. One with a train split but no valid or no test has these
    cut from train. Each cut is made by group and evenly over classes and difficulties.

    Args:
        table: images of one source, as `read_layout` gives them.
        seed: another seed, another cut.
        valid_from_train: if above 0, valid is this share of train, and a valid split that the set
            brings is called ``"valid_own"`` and stays untouched.
        dealing: `BY_HASH`, or `BY_RANK` as before there was another way.

    Returns:
        "train", "valid", "test" or "valid_own" for each row, and how many groups had to leave the
        place that their hash gave them, so that no class misses a split.
    """
    split = table["split"].replace("", "train")
    if valid_from_train > 0:
        split = split.replace("valid", "valid_own")
    lacks_test, lacks_valid = (name not in set(split) for name in ("test", "valid"))
    if dealing == BY_HASH:
        test = SHARE if lacks_test else 0.0
        # As by rank: a share that was asked for is one of what the test has left.
        valid = valid_from_train * (1 - test) or SHARE
        shares = {"test": test, "valid": valid if lacks_valid else 0.0}
        return deal_by_hash(table, split, shares, seed)
    if lacks_test:
        _cut_from_train(table, split, "test", SHARE, seed)
    if lacks_valid:
        share = SHARE / (1 - SHARE) if lacks_test else SHARE
        _cut_from_train(table, split, "valid", valid_from_train or share, seed)
    return Dealt(split)


def split_folds(
    table: pd.DataFrame, fold: tuple[int, int], *, seed: int, valid_share: float = SHARE
) -> pd.Series:
    """Cross-validation by group: fold k of K is test, a share of the rest valid, the others train.

    Splits that the set brings are set aside. Every image is in the test split of exactly one k.

    Args:
        table: images of one source, as `read_layout` gives them.
        fold: (k, K), with k from 0 to K - 1.
        seed: another seed, other folds.
        valid_share: how much of the other folds becomes valid.

    Raises:
        UserError: k outside 0 ... K - 1, or fewer than K groups in a class.
    """
    k, n_folds = fold
    if n_folds < 2 or not 0 <= k < n_folds:
        raise UserError(f"fold {k} of {n_folds} does not exist: expected 0 to K - 1, K at least 2")
    groups = _rank_groups(table, seed)
    _require_groups(groups, n_folds)
    # Dealt like cards: neighbours in rank are alike and go to different folds.
    in_test = groups.index[np.arange(len(groups)) % n_folds == k]
    split = pd.Series("train", index=table.index)
    split[table["group"].isin(in_test)] = "test"
    _cut_from_train(table, split, "valid", valid_share, seed)
    return split


def _cut_from_train(
    table: pd.DataFrame, split: pd.Series, name: str, share: float, seed: int
) -> None:
    train = split == "train"
    chosen = _choose_groups(_rank_groups(table[train], seed), share)
    split[train & table["group"].isin(chosen)] = name


def _rank_groups(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row per group, ordered so that groups of like content stand together, drawn within."""
    columns = table[["group", "label"]].assign(difficulty=table.get("difficulty", ""))
    groups = columns.groupby("group").agg(
        size=("label", "size"), fakes=("label", "sum"), difficulty=("difficulty", "max")
    )
    groups["classes"] = np.select(
        [groups["fakes"] == 0, groups["fakes"] == groups["size"]], ["real", "fake"], "both"
    )
    groups["draw"] = [_draw(seed, group) for group in groups.index]
    return groups.sort_values(["classes", "difficulty", "size", "fakes", "draw"])


def _draw(seed: int, group: str) -> str:
    return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()


def _choose_groups(ranked: pd.DataFrame, share: float) -> list[str]:
    """Every 1/share-th group in rank, at least one and never all of the groups of like classes."""
    chosen: list[str] = []
    for _, groups in ranked.groupby("classes"):
        n = len(groups)
        count = min(max(1, round(n * share)), n - 1)
        places = (np.arange(count) + 0.5) * n / max(count, 1)
        chosen += groups.index[places.astype(int)].tolist()
    return chosen


def _require_groups(groups: pd.DataFrame, n_folds: int) -> None:
    for name, present in (
        ("real", groups["fakes"] < groups["size"]),
        ("fake", groups["fakes"] > 0),
    ):
        if present.sum() < n_folds:
            raise UserError(
                f"{n_folds} folds need as many groups of images in each class; the class {name} "
                f"has {present.sum()}: ask for fewer folds"
            )
