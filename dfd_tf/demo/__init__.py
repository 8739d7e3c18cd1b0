"""The embedded dataset: rendered on first use, no download, the same bytes for the same seed.

A newcomer trains on it without any data of his own. It is small but no toy: both classes share
their scenes, their JPEG encoder, their mean colours and their sharpness, and differ in what a
camera leaves in a photo and a generator does not.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from dfd_tf.data.images.decode import read_image
from dfd_tf.data.user_cache import user_cache
from dfd_tf.demo.camera import crop_margin
from dfd_tf.demo.example import Example, render_example
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked

VERSION = 1
"""Raised whenever the pictures change, so that no old cache is taken for the new one."""

SPLITS = ("train", "valid", "test")
MARKER = ".complete"
"""A file that only a wholly rendered dataset holds."""


def demo_dataset(
    root: Path | None = None,
    *,
    n_train: int = 480,
    n_valid: int = 160,
    n_test: int = 240,
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Renders the embedded dataset, unless the cache holds it already.

    Half of each split are photos, half are fakes, in equal parts regenerated, spliced and blended
    (see ``forge.py``). The folder holds ``{train,valid,test}/{real,fake}/NAME.jpg``, 256 x 256
    pixels, and for each fake ``masks/NAME.png``, 255 where the picture was forged and 0 where it
    was not. Every picture has a scene of its own, so no two of them need to stay together.

    Args:
        root: the cache folder, by default ``$DFD_CACHE`` or ``~/.cache/dfd_tf``; the dataset is a
            sub-folder of it, named by version, sizes and seed.
        n_train: training pictures.
        n_valid: validation pictures.
        n_test: test pictures.
        seed: not negative; another seed gives other pictures.
        progress: show a progress bar on stderr.

    Returns:
        The dataset's folder.

    Raises:
        UserError: a size or the seed is negative.
    """
    sizes = dict(zip(SPLITS, (n_train, n_valid, n_test), strict=True))
    if seed < 0 or min(sizes.values()) < 0:
        raise UserError(f"the demo dataset needs sizes and a seed >= 0, got {sizes}, seed {seed}")
    cache = user_cache() if root is None else Path(root)
    # The innermost name is the one by which tables of examples call their source.
    folder = cache / f"demo-v{VERSION}-{n_train}-{n_valid}-{n_test}-seed{seed}" / "demo"
    if not (folder / MARKER).is_file():
        examples = [Example(seed, split, i) for split, n in sizes.items() for i in range(n)]
        _render_atomically(examples, folder, progress)
    return folder


def forged_share(path: str | Path) -> np.ndarray | None:
    """How far each pixel of one of the dataset's fakes was forged, (height, width) in [0, 1].

    Returns:
        None where the file is no fake of the embedded dataset.
    """
    path = Path(path).absolute()
    folder = path.parents[2] if len(path.parents) > 2 else path.parent
    mask = folder / "masks" / f"{path.stem}.png"
    if not ((folder / MARKER).is_file() and path.parent.name == "fake" and mask.is_file()):
        return None
    return read_image(mask)[..., 0].astype(np.float32) / 255


def _render_atomically(examples: list[Example], folder: Path, progress: bool) -> None:
    """Renders beside ``folder`` and renames, so that what bears its name is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".rendering-") as scratch:
        unfinished = Path(scratch) / folder.name
        _render_all(examples, unfinished, progress)
        (unfinished / MARKER).write_text(json.dumps({"version": VERSION, "n": len(examples)}))
        if folder.exists() and not (folder / MARKER).is_file():
            shutil.rmtree(folder)
        if not folder.exists():
            unfinished.rename(folder)


def _render_all(examples: list[Example], folder: Path, progress: bool) -> None:
    for split in SPLITS:
        for label in ("real", "fake"):
            (folder / split / label).mkdir(parents=True)
    (folder / "masks").mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda example: _write(example, folder), examples)
        for _ in tracked(done, len(examples), "demo dataset", shown=progress):
            pass


def _write(example: Example, folder: Path) -> None:
    picture, mask = render_example(example)
    label = "real" if mask is None else "fake"
    (folder / example.split / label / f"{example.name}.jpg").write_bytes(picture)
    if mask is not None:
        _, png = cv2.imencode(".png", np.rint(255 * crop_margin(mask)).astype(np.uint8))
        (folder / "masks" / f"{example.name}.png").write_bytes(png.tobytes())
