"""One picture of the embedded dataset, from its place in the dataset to its JPEG file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfd_tf.demo.camera import Camera, encode_jpeg, photograph, random_camera
from dfd_tf.demo.forge import Forgery, blend, regenerate, splice
from dfd_tf.demo.portrait import draw_portrait
from dfd_tf.demo.scene import Scene, draw_background, draw_texture, random_frame
from dfd_tf.demo.sitter import Sitter, lookalike, random_sitter

FORGERIES = ("regenerated", "spliced", "blended")

_QUALITIES = (90, 98)


@dataclass(frozen=True)
class Example:
    """A place in the dataset, which decides what is rendered there."""

    seed: int
    split: str
    index: int

    @property
    def kind(self) -> str:
        """Photos and fakes take turns, and so do the kinds of fake."""
        return FORGERIES[self.index // 2 % len(FORGERIES)] if self.index % 2 else "photo"

    @property
    def is_portrait(self) -> bool:
        """Three portraits to one texture, alike among photos and every kind of fake."""
        return self.index // 6 % 4 != 3

    @property
    def name(self) -> str:
        """The file's name without its ending, unique in the dataset."""
        return f"{self.split}_{self.index:04d}_{self.kind}"


def render_example(example: Example) -> tuple[bytes, np.ndarray | None]:
    """Renders an example from random numbers of its own, whatever is rendered beside it.

    Returns:
        The JPEG file and, of a fake, the mask of the forged region, (CANVAS, CANVAS) in [0, 1].
    """
    place = [example.seed, *example.split.encode()]
    rng = np.random.default_rng([*place, example.index])
    # A photo and the fake after it share camera and encoder, so that neither tells the classes
    # apart in a small set either.
    pair = np.random.default_rng([*place, example.index // 2, 1])
    camera, quality = random_camera(pair), int(pair.integers(*_QUALITIES))
    sitter = random_sitter(rng) if example.is_portrait else None
    scene = draw_scene(sitter, rng)
    if example.kind == "photo":
        return encode_jpeg(photograph(scene.light, camera, rng), quality), None
    picture, mask = _forge(example.kind, sitter, scene, camera, rng)
    return encode_jpeg(picture, quality), mask


def draw_scene(sitter: Sitter | None, rng: np.random.Generator, zoom: float = 1.0) -> Scene:
    """A portrait of ``sitter``, or a texture if there is none; ``zoom`` as in ``random_frame``."""
    frame = random_frame(rng, zoom)
    if sitter is None:
        planes = draw_texture(rng)
    else:
        planes = draw_portrait(sitter, frame, draw_background(rng), rng)
    return Scene(np.ascontiguousarray(planes.clip(0, 1.2).transpose(1, 2, 0)), frame)


def _forge(
    kind: str, sitter: Sitter | None, scene: Scene, camera: Camera, rng: np.random.Generator
) -> Forgery:
    if kind == "regenerated":
        return regenerate(scene, camera, rng)
    other = None if sitter is None else lookalike(sitter, rng)
    if kind == "spliced":  # from a smaller picture, which has to be enlarged
        return splice(scene, draw_scene(other, rng, zoom=rng.uniform(0.42, 0.62)), camera, rng)
    return blend(scene, draw_scene(other, rng), camera, rng)
