"""What the examples of datasets are, where no detector says it: images, or recordings of sound."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dfd_tf.data.sets.choices import Datasets, choices_of
from dfd_tf.data.sets.csv_rows import read_csv
from dfd_tf.data.sets.folders.file_kinds import IMAGE_EXTENSIONS, SOUND_EXTENSIONS


def of_their_kind(roots: Iterable[str | Path]) -> Datasets:
    """The same datasets, to be read as recordings where they hold more of these than of images."""
    roots = list(roots) if not isinstance(roots, Datasets) else roots
    endings = Counter(ending for root in roots for ending in _endings(Path(root).expanduser()))
    n_sounds = sum(endings[ending] for ending in SOUND_EXTENSIONS)
    n_images = sum(endings[ending] for ending in IMAGE_EXTENSIONS)
    choices = choices_of(roots)
    return Datasets(roots, replace(choices, takes="sound" if n_sounds > n_images else "image"))


def _endings(root: Path) -> Iterator[str]:
    if root.is_dir():
        for _, _, names in os.walk(root):
            yield from (Path(name).suffix.lower() for name in names)
    elif root.is_file() and root.suffix.lower() in (".csv", ".tsv"):
        for row in read_csv(root).rows:
            yield from (Path(cell).suffix.lower() for cell in row.values())
