"""The images of a built tensorflow-datasets set as files, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.data.images.decode import UnusableImage, read_header
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked
from dfd_tf.types import CLASS_NAMES

INDEX = "examples.csv"

_TEXTS = ("file", "group", "source", "own_split", "difficulty", "parts")


def extract(builder: Any, labels: list[int], splits: dict[str, str], folder: Path) -> None:
    """Lay all images of a built set out as files, with a table of them.

    Until the last is written the folder has another name, so what is there is whole.

    Args:
        builder: the set, as `tfds.builder` gives it.
        labels: what each class number of the set means: `REAL` or `FAKE`.
        splits: the split here for each split of the set.
        folder: where to, made with its parents.

    Raises:
        UserError: an image without a label.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as scratch:
        unfinished = Path(scratch, "set")
        table = pd.DataFrame(_lay_out(builder, labels, splits, unfinished))
        _complete(table, builder.name).to_csv(unfinished / INDEX, index=False)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster, with the same files
                raise


def _lay_out(
    builder: Any, labels: list[int], splits: dict[str, str], folder: Path
) -> Iterator[dict[str, Any]]:
    """Write each image as ``SPLIT/{real,fake}/NUMBER.FORMAT``; its path, label, split and texts."""
    for theirs, split in splits.items():
        for number, example in enumerate(_encoded_examples(builder, theirs)):
            label = _label(example, labels, theirs)
            path = f"{theirs}/{CLASS_NAMES[label]}/{number:07}.{_format(example['image'])}"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(example["image"])
            texts = {name: _text(example[name]) for name in _TEXTS if name in example}
            yield {"path": path, "label": label, "split": split, **texts}


def _encoded_examples(builder: Any, split: str) -> Iterator[dict[str, Any]]:
    """Features of each example, the image still encoded, always in the same order."""
    import tensorflow_datasets as tfds

    decoders = {"image": tfds.decode.SkipDecoding()}
    if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
        examples = builder.as_data_source(split, decoders=decoders)
    else:
        in_order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
        examples = tfds.as_numpy(builder.as_dataset(split, decoders=decoders, read_config=in_order))
    total = builder.info.splits[split].num_examples
    yield from tracked(examples, total, f"extracting {split}")


def _label(example: dict[str, Any], labels: list[int], split: str) -> int:
    number = int(example["label"])
    if number < 0:  # how tensorflow-datasets says "unknown"
        raise UserError(f"the split {split} has images without a label: leave it out of the set")
    return labels[number]


def _format(data: bytes) -> str:
    try:
        return read_header(data).format
    except UnusableImage:
        return "damaged"  # kept, so that check_files names it with the reason


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _complete(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Fill in what the set does not tell, as `read_layout` does."""
    if "file" not in table or not table["file"].is_unique:
        table["file"] = table["path"]
    if "group" not in table:
        table["group"] = table["file"]
    if "source" not in table or table["source"].nunique() > 1:
        table["source"] = name
    if "own_split" in table:
        table["split"] = table.pop("own_split")
    return table.sort_values("file", ignore_index=True)
