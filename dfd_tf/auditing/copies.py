"""Which copies to leave out of a dataset, so that no photo stands in two splits."""

from __future__ import annotations

import pandas as pd

from dfd_tf.auditing.duplicates import EXACT

COLUMNS = ["file", "reason", "kept"]

# The copy that is kept is the one in the first of these: a test set stays as it was published.
_PRECEDENCE = ("test", "valid", "train", "")


def copies_to_drop(
    images: pd.DataFrame, duplicates: pd.DataFrame, own_splits: pd.Series
) -> pd.DataFrame:
    """The images to leave out.

    Of each cluster of copies that spans splits one image is kept, of the test split if it has one.
    Where a set does not bring all three splits they are dealt, and will be dealt anew, so there
    every cluster is treated so that spans groups. Files that stand in both classes byte for byte
    are all left out: one label is wrong, and nobody can tell which.

    Args:
        images: the images of `Facts`.
        duplicates: from `find_duplicates` of these images.
        own_splits: the split that the dataset itself gives to each file, by file; "" for none.

    Returns:
        `COLUMNS` for each image to drop, under its index in `images`: its file, why, and the file
        that was kept for it ("" if none).
    """
    dealt = not {"train", "valid", "test"} <= set(own_splits)
    copies = duplicates.assign(group=images["group"], split=duplicates["file"].map(own_splits))
    found = [_drop_from(members, dealt) for _, members in copies.groupby("cluster")]
    empty = pd.DataFrame(columns=COLUMNS)
    return pd.concat([empty, *(rows for rows in found if len(rows))])


def _drop_from(members: pd.DataFrame, dealt: bool) -> pd.DataFrame:
    labels = members.groupby("sha256")["label"].transform("nunique")
    torn = members[labels > 1]
    rest = members[labels == 1]
    spread = rest["group" if dealt else "split"].nunique() > 1
    order = rest.sort_values("split", key=lambda s: s.map(_PRECEDENCE.index), kind="stable")
    copies = order.iloc[1:] if spread else order.iloc[:0]
    kept = order["file"].iloc[0] if len(order) else ""
    words = "the same file" if (members["kind"] == EXACT).all() else "looks like another"
    return pd.concat(
        [
            torn[["file"]].assign(reason="stands in both classes, byte for byte", kept=""),
            copies[["file"]].assign(reason=f"{words} in several splits", kept=kept),
        ]
    )
