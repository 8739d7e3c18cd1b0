"""Sets of tensorflow-datasets, read as the image files that they were made of.

The encoded images are laid out as files once and read from there ever after. That takes the disk
space of the set a second time. In return there is one road from bytes to pixels, with its checks,
reasons and exact scores, for TFRecord as for folders.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.data.sets.folders.vocabulary import class_of, split_of
from dfd_tf.data.sets.tfds_files import INDEX, extract
from dfd_tf.data.user_cache import user_cache
from dfd_tf.errors import UserError
from dfd_tf.types import FAKE, REAL

PREFIX = "tfds:"


def read_tfds(address: str) -> pd.DataFrame:
    """List the images of a set that tensorflow-datasets has built on this machine.

    Args:
        address: ``tfds:NAME`` or ``tfds:NAME@DATA_DIR``, with NAME as tensorflow-datasets has it
            (``set``, ``set/config``, ``set:1.0.0``).

    Returns:
        A table as `read_layout` gives it; ``path`` leads into the cache folder.
        ``file``, ``group``, ``source``, ``difficulty`` and ``parts`` come from the features of
        these names where the set has them. A set made by `data.sets.builders` gives the table of
        the folder that it was made from: ``split`` is "" again where that folder had none.

    Raises:
        UserError: no such set is built, it lacks an image or a label feature, its classes are not
            real and fake, or its splits have unknown names.
    """
    builder = _find(address)
    labels = _labels(builder)
    splits = _splits(builder)
    folder = user_cache() / "tfds" / builder.info.full_name / _state(Path(builder.data_dir))
    if not folder.is_dir():
        extract(builder, labels, splits, folder)
    table = pd.read_csv(folder / INDEX, dtype=str, keep_default_na=False)
    table["label"] = table["label"].astype(int)
    table["path"] = [str(folder / path) for path in table["path"]]
    return table


def _find(address: str) -> Any:
    import tensorflow  # noqa: F401  # without it tensorflow-datasets imports, but is empty
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.read_only_builder import builder_from_files

    name, _, data_dir = address.removeprefix(PREFIX).partition("@")
    try:
        # From files alone: neither the code of the set nor the network is asked.
        return builder_from_files(name, data_dir=os.path.expanduser(data_dir) or None)
    except (tfds.core.DatasetNotFoundError, ValueError):
        place = Path(data_dir or tfds.core.constants.DATA_DIR).expanduser()
        raise UserError(
            f"no dataset {name!r} is built in {place}; there are: "
            f"{', '.join(_built(place)) or 'none'}. Expected tfds:NAME or tfds:NAME@DATA_DIR; "
            "`dfd prepare` builds one from a folder, `tfds build` others"
        ) from None


def _built(data_dir: Path) -> list[str]:
    """``set`` or ``set/config`` of each ``DATA_DIR/set[/config]/version``."""
    infos = [*data_dir.glob("*/*/dataset_info.json"), *data_dir.glob("*/*/*/dataset_info.json")]
    return sorted({info.parent.parent.relative_to(data_dir).as_posix() for info in infos})


def _labels(builder: Any) -> list[int]:
    """What each class number of the set means here, real or fake."""
    import tensorflow_datasets as tfds

    name, features = builder.info.full_name, builder.info.features
    for wanted, kind in (("image", tfds.features.Image), ("label", tfds.features.ClassLabel)):
        if wanted not in features or not isinstance(features[wanted], kind):
            raise UserError(
                f"{name} needs a feature {wanted!r} of the kind {kind.__name__}; it has: "
                + ", ".join(f"{key} ({type(features[key]).__name__})" for key in features)
            )
    names = features["label"].names
    labels = [class_of(each) for each in names]
    if labels not in ([REAL, FAKE], [FAKE, REAL]):
        raise UserError(
            f"the classes of {name} are {', '.join(names)}: expected one for real and one for fake "
            'images; build it with ClassLabel(names=["real", "fake"])'
        )
    return [label for label in labels if label is not None]


def _splits(builder: Any) -> dict[str, str]:
    """The split here for each split of the set; "" for an only one of an unknown name."""
    names = list(builder.info.splits)
    if len(names) == 1:
        return {names[0]: split_of(names[0]) or ""}
    unknown = [name for name in names if split_of(name) is None]
    if unknown:
        raise UserError(
            f"{builder.info.full_name} has the splits {', '.join(names)}; {', '.join(unknown)} "
            "cannot be told: expected train, validation and test, or a single split"
        )
    return {name: split_of(name) or "" for name in names}


def _state(data_dir: Path) -> str:
    """Twelve letters that change when the set is built anew."""
    files = sorted(path for path in data_dir.iterdir() if path.is_file())
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(stats).encode()).hexdigest()[:12]
