"""What every measurement that compares the classes needs: images of both that can be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.data.images.decode import UnusableImage, read_image
from dfd_tf.errors import UserError
from dfd_tf.types import CLASS_NAMES


def require_both_classes(examples: pd.DataFrame) -> None:
    """Refuse images of one class where both are to be compared.

    Args:
        examples: with split and label.

    Raises:
        UserError: a class is missing; says how many images of each there are.
    """
    n_fake = int(examples["label"].sum())
    n_real = len(examples) - n_fake
    if not (n_real and n_fake):
        splits = " and ".join(repr(str(name)) for name in examples["split"].unique()) or "asked for"
        raise UserError(
            f"The split {splits} needs real and fake images; it has {n_real} real and {n_fake} "
            "fake."
        )


def require_judged(examples: pd.DataFrame, judged: NDArray[np.bool_]) -> None:
    """Refuse images of which not one of a class could be judged.

    Args:
        examples: with path and label.
        judged: (n,) whether each was.

    Raises:
        UserError: a class that is there has no judged image; the first is named with the reason.
    """
    for label in sorted(set(examples["label"]) - set(examples["label"][judged])):
        first = str(examples["path"][examples["label"] == label].iloc[0])
        raise UserError(
            f"not one of the {CLASS_NAMES[label]} images can be judged; the first is {first}: "
            f"{_reason(first)}"
        )


def _reason(path: str) -> str:
    try:
        read_image(path)
    except UnusableImage as error:
        return error.reason
    return "it can be read, but nothing in it was judged"
