"""How datasets lie on disk: 140k, OpenForensics, CIPLab/HFM, DFDC faces, HFF, plain folders.

A folder is recognised by what is in it, so nobody has to say which dataset it is.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders import has_image_name, subfolders, visible_files
from dfd_tf.data.sets.layouts import Layout, recognise
from dfd_tf.errors import UserError
from dfd_tf.types import FAKE, REAL

_WRAPPERS = 3

_LOOKED_FOR = """\
  real/ and fake/ (or original, authentic, pristine; deepfake, forged, manipulated, ...)
  {train,valid,test}/{real,fake}/            140k, OpenForensics, DFDC faces with metadata.csv
  training_real/ and training_fake/          CIPLab / HFM
  CelebA, CelebA-HQ, YouTube and PGGAN, StyleGAN, Glow, Face2Face, StarGAN folders     HFF
in it or up to three folders deeper."""


def read_layout(root: str | Path) -> pd.DataFrame:
    """List the images of a dataset folder of any known layout.

    Args:
        root: the dataset's folder, or one up to three folders above it.

    Returns:
        One row per image, sorted by ``file``: ``path`` (absolute), ``file`` (inside the dataset
        folder, with ``/``), ``label`` (fake = 1), ``split`` ("train", "valid", "test", or "" where
        the set has none), ``group`` (images that must stay together, unique within the set; the
        file itself where nothing is known) and ``source`` (the set's short name). CIPLab adds
        ``difficulty`` and ``parts`` ("" for real images).

    Raises:
        UserError: no such folder, no known layout in it, several datasets in it, or a class
            without images; says what was looked for and what was found.
    """
    root = Path(os.path.abspath(Path(root).expanduser()))
    if not root.is_dir():
        raise UserError(f"{root} is not a folder: expected the folder of a dataset")
    folder, layout = _find(root)
    table = layout.annotate(_list_images(folder, layout))
    table["source"] = layout.source or root.name or "data"
    return table


def _find(root: Path) -> tuple[Path, Layout]:
    level = [root]
    for _ in range(_WRAPPERS + 1):
        found = [(path, layout) for path in level if (layout := recognise(path))]
        if len(found) > 1:
            names = ", ".join(str(path.relative_to(root)) for path, _ in found)
            raise UserError(f"{root} holds several datasets ({names}): name the one you want")
        if found:
            return found[0]
        level = [child for path in level for child in subfolders(path)]
    raise UserError(_nothing_found(root))


def _list_images(folder: Path, layout: Layout) -> pd.DataFrame:
    rows = [
        (str(path), path.relative_to(folder).as_posix(), part.label, part.split)
        for part in layout.folders
        for path in visible_files(part.path)
        if has_image_name(path)
    ]
    _require_text([path for path, *_ in rows])
    table = pd.DataFrame(rows, columns=["path", "file", "label", "split"])
    for label, name in ((REAL, "real"), (FAKE, "fake")):
        if label not in set(table["label"]):
            raise UserError(f"no {name} images {_what_is_there(layout, label)}")
    table = table.sort_values("file", ignore_index=True)
    table["group"] = table["file"]
    return table


def _require_text(paths: list[str]) -> None:
    """Tables, CSV and JSON hold text only; a name in another encoding would break them later."""
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise UserError(f"rename {os.fsencode(path)!r}: the name is not UTF-8") from None


def _what_is_there(layout: Layout, label: int) -> str:
    places = [part.path for part in layout.folders if part.label == label]
    files = [path for place in places for path in visible_files(place)]
    kinds = sorted({path.suffix or path.name for path in files})
    return f"in {', '.join(map(str, places))}; found: {', '.join(kinds[:12]) or 'no files'}"


def _nothing_found(root: Path) -> str:
    names = [path.name + "/" for path in subfolders(root)]
    names += sorted(path.name for path in root.iterdir() if path.is_file())
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return (
        f"no known dataset layout in {root}. Looked for\n{_LOOKED_FOR}\n"
        f"Found instead: {shown or 'nothing'}."
    )
