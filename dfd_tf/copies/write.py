"""Write a dataset of pairs: real photos, each with an aligned copy of itself as its fake."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dfd_tf.copies.alignment import align, encode_like
from dfd_tf.copies.networks import Network, open_network
from dfd_tf.data.images.decode import UnusableImage, decode_image, read_bytes
from dfd_tf.data.sets.choices import Datasets
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked
from dfd_tf.types import CLASS_NAMES, REAL

TABLE = "pairs.csv"


class Pair(NamedTuple):
    """A photo and the files of its pair, below the folder that is written.

    Attributes:
        path: of the photo.
        split: that it keeps.
        name: of both files, without folders.
        group: what it belongs to in its own dataset.
    """

    path: str
    split: str
    name: str
    group: str

    def files(self) -> list[str]:
        """Of the photo and its copy."""
        return [f"{self.split}/{label}/{self.name}" for label in CLASS_NAMES]


@dataclass(frozen=True)
class Written:
    """What became of the photos.

    Attributes:
        pairs: that were written, this time or before.
        left_out: photos without a copy, each with the reason.
    """

    pairs: Sequence[Pair]
    left_out: Sequence[tuple[str, str]]


def write_pairs(
    data: Datasets,
    out: Path,
    through: str,
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Written:
    """Pass the real photos of a dataset through a network and write both, see the package.

    What an interrupted call has written, the next one keeps. Splits and groups stay, so that no
    photo of this dataset is trained on in its pair and measured on in its own.

    Args:
        data: a dataset of any known layout; its fakes are not used.
        out: the folder to write; last of all `TABLE`, which is the new dataset.
        through: the network, see `open_network`.
        limit: so many photos of each split, drawn by `seed`; None for all.
        seed: of the draw, and of what `align` draws for each photo.
        progress: whether to say how far it has come.

    Raises:
        UserError: `out` is finished already, several datasets, no photo that could be copied, or
            see `open_network` and `load_examples`.
    """
    if (out / TABLE).exists():
        raise UserError(f"{out} is finished already: name another folder, or remove it")
    pairs = _pairs(_reals(data, seed), limit, seed)
    network = open_network(through)
    left_out = []
    for pair in tracked(pairs, len(pairs), "copying photos", shown=progress):
        try:
            _write(pair, out, network, seed)
        except UnusableImage as error:
            left_out.append((pair.path, error.reason))
    lost = {path for path, _ in left_out}
    done = Written([pair for pair in pairs if pair.path not in lost], left_out)
    if not done.pairs:
        raise UserError(f"no photo could be copied; the first: {': '.join(left_out[0])}")
    _write_table(out / TABLE, done.pairs)
    return done


def _reals(data: Datasets, seed: int) -> pd.DataFrame:
    examples = load_examples(data, seed=seed)
    if examples["source"].nunique() > 1:
        names = ", ".join(examples["source"].unique())
        raise UserError(f"pairs are made of one dataset at a time, these are {names}")
    return examples[examples["label"] == REAL]


def _pairs(reals: pd.DataFrame, limit: int | None, seed: int) -> list[Pair]:
    if limit is not None:
        drawn = reals.sample(frac=1, random_state=seed).groupby("split").head(limit)
        reals = reals.loc[sorted(drawn.index)]
    columns = ("path", "split", "file", "group", "source")
    rows = zip(*(reals[column].astype(str) for column in columns), strict=True)
    return [
        Pair(path, split, _name(file), group.removeprefix(f"{source}:"))
        for path, split, file, group, source in rows
    ]


def _name(file: str) -> str:
    """One that no other file of the dataset gets, wherever it lies."""
    return f"{Path(file).stem}_{hashlib.sha256(file.encode()).hexdigest()[:8]}.jpg"


def _write(pair: Pair, out: Path, network: Network, seed: int) -> None:
    real, copy = (out / file for file in pair.files())
    if copy.is_file():  # written last, so its photo is there as well
        return
    data = read_bytes(pair.path)
    photo = decode_image(data)
    rng = np.random.default_rng([seed, *hashlib.sha256(data).digest()[:8]])
    aligned = align(network(photo), photo, rng)
    _put(real, encode_like(photo, data))
    _put(copy, encode_like(aligned, data))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _write_table(path: Path, pairs: Sequence[Pair]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["path", "label", "split", "group"])
        for pair in pairs:
            for name, label in zip(pair.files(), CLASS_NAMES, strict=True):
                table.writerow([name, label, pair.split, pair.group])
