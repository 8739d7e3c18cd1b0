"""Write a dataset anew so that how its files were made tells nothing: one codec, table and size."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfd_tf.auditing.copies import copies_to_drop
from dfd_tf.auditing.duplicates import find_duplicates
from dfd_tf.auditing.facts import collect_facts
from dfd_tf.data.batches.degradations.jpeg import encode_jpeg
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import resize_to
from dfd_tf.data.sets.choices import Datasets
from dfd_tf.data.sets.examples import load_examples
from dfd_tf.data.sets.file_check import map_files
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.errors import UserError
from dfd_tf.types import Image

QUALITY = 90
# All but this share of the images are at least as large as the common size, so are shrunk.
ENLARGED_SHARE = 0.05


@dataclass(frozen=True)
class Harmonised:
    """What was written.

    Attributes:
        height: of every image, in pixels.
        width: of every image, in pixels.
        n: number of images written.
        dropped: ``file``, ``reason`` and ``kept`` of each copy that was left out.
        damaged: ``path`` and ``reason`` of each file that could not be read.
    """

    height: int
    width: int
    n: int
    dropped: pd.DataFrame
    damaged: pd.DataFrame


def harmonise(
    data: str | Path | Datasets,
    out: Path,
    *,
    quality: int = QUALITY,
    side: int | None = None,
    progress: bool = True,
) -> Harmonised:
    """Re-encode a dataset folder: JPEG with one table and 4:2:0 chroma, no metadata, one size.

    Images of one size keep it, pixel for pixel, because resampling erases traces that detectors
    live on. Images of several sizes are cut to their central square and brought to a common side
    with one filter. Folders and names stay, but for the ending; copies across splits are left out,
    see `copies_to_drop`, and listed in dropped.csv. The folder appears when all is written.

    What earlier processing left in the pixels stays there: audit the result.

    Args:
        data: a dataset folder of any known layout.
        out: the folder to write, which must not exist.
        quality: of the JPEG, 1 to 100.
        side: of all images in pixels; by default the one size there is, or else the shorter side
            that all but `ENLARGED_SHARE` of the images reach.
        progress: whether to show bars on stderr.

    Raises:
        UserError: `out` exists or lies in the dataset, not one file of a class can be read, or see
            `load_examples`.
    """
    sets = data if isinstance(data, Datasets) else Datasets([data])
    root, out = (Path(os.path.abspath(Path(path).expanduser())) for path in (sets[0], out))
    _require_free(root, out)
    examples = load_examples(sets)
    facts = collect_facts(examples, progress=progress)
    duplicates = find_duplicates(facts.images, facts.hashes)
    own_splits = read_layout(root, sets.choices.settled()).set_index("file")["split"]
    dropped = copies_to_drop(facts.images, duplicates, own_splits)
    kept = facts.images.drop(index=dropped.index)
    shape = (side, side) if side else _common_shape(kept)
    names = _new_names(list(kept["path"]))
    unfinished = out.with_name(out.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in {path.parent for path in names.values()}:
        (unfinished / folder.relative_to(root)).mkdir(parents=True, exist_ok=True)

    def write(path: str) -> None:
        target = unfinished / names[path].relative_to(root)
        target.write_bytes(encode_jpeg(_fit(read_image(path), *shape), quality))

    map_files(write, list(names), "writing images", progress=progress)
    _copy_metadata(root, unfinished, {Path(old).name: new.name for old, new in names.items()})
    dropped.to_csv(unfinished / "dropped.csv", index=False)
    unfinished.rename(out)
    return Harmonised(*shape, len(kept), dropped.reset_index(drop=True), facts.damaged)


def _require_free(root: Path, out: Path) -> None:
    if out.exists():
        raise UserError(f"{out} is there already: name a folder that is not, or remove it")
    if out.is_relative_to(root):
        raise UserError(f"{out} lies inside the dataset {root}: name a folder outside of it")


def _common_shape(images: pd.DataFrame) -> tuple[int, int]:
    """Height and width that all images shall have."""
    if images["size"].nunique() == 1:
        return int(images["height"].iloc[0]), int(images["width"].iloc[0])
    shorter = images[["width", "height"]].min(axis=1)
    side = int(shorter.quantile(ENLARGED_SHARE, interpolation="lower"))
    return side, side


def _fit(image: Image, height: int, width: int) -> Image:
    """The central part of like proportions, at the given size."""
    scale = min(image.shape[0] / height, image.shape[1] / width)
    cut_height, cut_width = round(height * scale), round(width * scale)
    top, left = (image.shape[0] - cut_height) // 2, (image.shape[1] - cut_width) // 2
    return resize_to(image[top : top + cut_height, left : left + cut_width], height, width)


def _new_names(paths: list[str]) -> dict[str, Path]:
    """The .jpg name of each file; the old ending is kept inside where two would be the same."""
    names: dict[str, Path] = {}
    taken: set[Path] = set()
    for path in map(Path, paths):
        name = path.with_suffix(".jpg")
        number = 0
        while name in taken:
            number += 1
            name = path.with_name(f"{path.stem}_{path.suffix[1:]}{number}.jpg")
        taken.add(name)
        names[str(path)] = name
    return names


def _copy_metadata(root: Path, out: Path, names: Mapping[str, str]) -> None:
    """Bring along a metadata.csv (of the DFDC layout), with the new names."""
    for path in root.rglob("metadata.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [row | {"file": names[row["file"]]} for row in reader if row["file"] in names]
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(rows)
