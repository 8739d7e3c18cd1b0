"""What a detector was trained on, as a list of short hashes, so that no test counts it again.

A set to which photos were added after the training, one under other names or one that holds copies
of another's photos may give a test split with images that the detector knows by heart.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

FILE = "trained_on.bin"
TESTS = ("test", "valid_own")  # the splits that are for measuring
_BYTES = 8  # among a billion files, two are confused once in 37 trials
_DIGITS = 2 * _BYTES
_LOG = logging.getLogger(__name__)


def write_seen(folder: Path, seen: Iterable[str]) -> None:
    """Write the list of a bundle: of each file the first 8 bytes of its SHA-256, sorted."""
    digests = sorted({digest[:_DIGITS] for digest in seen if digest})
    (folder / FILE).write_bytes(bytes.fromhex("".join(digests)))


def read_seen(folder: Path) -> frozenset[str]:
    """Read the list of a bundle; empty where it has none, as those of before there were lists."""
    path = folder / FILE
    if not path.is_file():
        return frozenset()
    content = path.read_bytes().hex()
    return frozenset(content[i : i + _DIGITS] for i in range(0, len(content), _DIGITS))


def digests_of(paths: Collection[str], *, progress: bool = False) -> list[str]:
    """The hash of each file as it stands in a list; "" for one that cannot be read."""
    from dfd_tf.data.sets.file_check import map_files  # who only judges does without pandas

    return map_files(_digest, paths, "comparing with the training", progress=progress)


def count_seen(sha256: Iterable[str], seen: frozenset[str]) -> int:
    """How many of some files, told by their SHA-256 in hexadecimal, stand in a list."""
    return sum(digest[:_DIGITS] in seen for digest in sha256)


def without_seen(
    examples: pd.DataFrame, seen: frozenset[str], *, progress: bool = False
) -> pd.DataFrame:
    """Leave out of test images those that a detector was trained or calibrated on, and say so.

    Args:
        examples: with path and split.
        seen: from `read_seen`.
        progress: show a progress bar.

    Raises:
        UserError: none is left.
    """
    if not seen or examples.empty:
        return examples
    known = [digest in seen for digest in digests_of(examples["path"], progress=progress)]
    if not any(known):
        return examples
    first = examples["path"][known].iloc[0]
    if all(known):
        raise UserError(
            f"the detector was trained on every one of these {len(examples):,} images, {first} and "
            "so on, so they cannot measure it: take others"
        )
    _LOG.warning(
        "left out of the test: %s images that the detector was trained on; the first is %s",
        f"{sum(known):,}",
        first,
    )
    return examples[[not each for each in known]]


def _digest(path: str) -> str:
    from dfd_tf.data.images.decode import UnusableImage, read_bytes

    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()[:_DIGITS]
    except UnusableImage:
        return ""
