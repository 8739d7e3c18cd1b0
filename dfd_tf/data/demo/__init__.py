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
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from dfd_tf.data.demo.camera import (
    Camera,
    crop_margin,
    encode_jpeg,
    photograph,
    random_camera,
)
from dfd_tf.data.demo.forge import Forgery, blend, regenerate, splice
from dfd_tf.data.demo.portrait import Sitter, draw_portrait, lookalike, random_sitter
from dfd_tf.data.demo.scene import Scene, draw_background, draw_texture, random_frame
from dfd_tf.errors import UserError

VERSION = 1
"""Raised whenever the pictures change, so that no old cache is taken for the new one."""

_FORGERIES = ("regenerated", "spliced", "blended")
_MARKER = ".complete"
_QUALITIES = (90, 98)


@dataclass(frozen=True)
class _Example:
    """One picture to render, named by its split and its index in it."""

    seed: int
    split: str
    index: int

    @property
    def kind(self) -> str:
        """Photos and fakes take turns, and so do the kinds of fake."""
        return _FORGERIES[self.index // 2 % 3] if self.index % 2 else "photo"

    @property
    def is_portrait(self) -> bool:
        """Three portraits to one texture, alike in photos and every kind of fake."""
        return self.index // 6 % 4 != 3

    @property
    def name(self) -> str:
        return f"{self.split}_{self.index:04d}_{self.kind}"

    @property
    def rng(self) -> np.random.Generator:
        """Its own random numbers, whatever is rendered before or beside it."""
        return np.random.default_rng([self.seed, *self.split.encode(), self.index])


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
    (see ``forge``). The folder holds ``{train,valid,test}/{real,fake}/NAME.jpg``, 256 x 256
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
    sizes = {"train": n_train, "valid": n_valid, "test": n_test}
    if seed < 0 or min(sizes.values()) < 0:
        raise UserError(f"the demo dataset needs sizes and a seed >= 0, got {sizes}, seed {seed}")
    cache = _default_cache() if root is None else Path(root)
    folder = cache / f"demo-v{VERSION}-{n_train}-{n_valid}-{n_test}-seed{seed}"
    if not (folder / _MARKER).is_file():
        examples = [_Example(seed, split, i) for split, n in sizes.items() for i in range(n)]
        _render_atomically(examples, folder, progress)
    return folder


def _default_cache() -> Path:
    configured = os.environ.get("DFD_CACHE")
    return Path(configured) if configured else Path.home() / ".cache" / "dfd_tf"


def _render_atomically(examples: list[_Example], folder: Path, progress: bool) -> None:
    """Renders beside ``folder`` and renames, so that what bears its name is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".rendering-") as scratch:
        unfinished = Path(scratch) / folder.name
        _render_all(examples, unfinished, progress)
        (unfinished / _MARKER).write_text(json.dumps({"version": VERSION, "n": len(examples)}))
        if folder.exists() and not (folder / _MARKER).is_file():
            shutil.rmtree(folder)
        if not folder.exists():
            unfinished.rename(folder)


def _render_all(examples: list[_Example], folder: Path, progress: bool) -> None:
    for split in ("train", "valid", "test"):
        for label in ("real", "fake"):
            (folder / split / label).mkdir(parents=True)
    (folder / "masks").mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda example: _write(example, folder), examples)
        for _ in tqdm(done, "demo dataset", len(examples), unit="image", disable=not progress):
            pass


def _write(example: _Example, folder: Path) -> None:
    picture, mask = _render(example)
    label = "real" if mask is None else "fake"
    (folder / example.split / label / f"{example.name}.jpg").write_bytes(picture)
    if mask is not None:
        _, png = cv2.imencode(".png", np.rint(255 * crop_margin(mask)).astype(np.uint8))
        (folder / "masks" / f"{example.name}.png").write_bytes(png.tobytes())


def _render(example: _Example) -> tuple[bytes, np.ndarray | None]:
    """The JPEG file of an example and, of a fake, its mask."""
    rng = example.rng
    quality = int(rng.integers(*_QUALITIES))
    sitter = random_sitter(rng) if example.is_portrait else None
    scene, camera = _draw_scene(sitter, rng), random_camera(rng)
    if example.kind == "photo":
        return encode_jpeg(photograph(scene.light, camera, rng), quality), None
    picture, mask = _forge(example.kind, sitter, scene, camera, rng)
    return encode_jpeg(picture, quality), mask


def _forge(
    kind: str, sitter: Sitter | None, scene: Scene, camera: Camera, rng: np.random.Generator
) -> Forgery:
    if kind == "regenerated":
        return regenerate(scene, camera, rng)
    other = lookalike(sitter, rng) if sitter else None
    if kind == "spliced":  # from a smaller picture, which has to be enlarged
        return splice(scene, _draw_scene(other, rng, zoom=rng.uniform(0.5, 0.72)), camera, rng)
    return blend(scene, _draw_scene(other, rng), camera, rng)


def _draw_scene(sitter: Sitter | None, rng: np.random.Generator, zoom: float = 1.0) -> Scene:
    """A portrait of ``sitter``, or a texture if there is none."""
    frame = random_frame(rng, zoom)
    if sitter is None:
        planes = draw_texture(rng)
    else:
        planes = draw_portrait(sitter, frame, draw_background(rng), rng)
    return Scene(np.ascontiguousarray(planes.clip(0, 1.2).transpose(1, 2, 0)), frame)
