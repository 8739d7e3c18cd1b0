"""A clip of two sitters, side by side, one of whom a generator replaces for a while."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dfd_tf.demo.camera import Camera, crop_margin, photograph, random_camera
from dfd_tf.demo.forge import regenerate
from dfd_tf.demo.portrait import draw_portrait
from dfd_tf.demo.scene import CANVAS, Scene, draw_background
from dfd_tf.demo.sitter import Sitter, random_sitter
from dfd_tf.types import Image

SECONDS, FPS = 8.0, 12
FORGED = (2.5, 5.5)
"""When the sitter on the right is regenerated, in seconds."""


def clip_frames(seed: int = 0) -> Iterator[Image]:
    """The frames one by one, RGB, shape (256, 512, 3), the same for the same seed.

    Both sit before cameras of their own and sway a little. From ``FORGED[0]`` to ``FORGED[1]``
    every picture of the one on the right comes out of a decoder's up-sampling chain, as a
    regenerated picture of the dataset does.
    """
    left, right = (_Seat.draw(np.random.default_rng([seed, side])) for side in range(2))
    for number in range(round(SECONDS * FPS)):
        time = number / FPS
        forged = FORGED[0] <= time < FORGED[1]
        rng = np.random.default_rng([seed, number, 2])
        pictures = [left.taken(time, rng), right.taken(time, rng, forged=forged)]
        joined = np.concatenate([crop_margin(picture) for picture in pictures], axis=1)
        yield np.rint(np.clip(joined, 0, 255)).astype(np.uint8)


class _Seat(NamedTuple):
    """A sitter before a camera, and what they are drawn from."""

    sitter: Sitter
    camera: Camera
    scenery: int
    sway: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> _Seat:
        return cls(
            random_sitter(rng),
            random_camera(rng),
            int(rng.integers(2**32)),
            float(rng.uniform(0, 2 * np.pi)),
        )

    def taken(self, time: float, rng: np.random.Generator, *, forged: bool = False) -> np.ndarray:
        """The picture at a time, (CANVAS, CANVAS, 3) in [0, 255]."""
        scene = self._scene(time)
        if forged:
            return regenerate(scene, self.camera, rng)[0]
        return photograph(scene.light, self.camera, rng)

    def _scene(self, time: float) -> Scene:
        # Drawn from the same numbers each time, so that wall, skin and cloth stay what they are.
        rng = np.random.default_rng(self.scenery)
        unit, swing = 0.36 * CANVAS, np.sin(1.3 * time + self.sway)
        cos, sin = unit * np.cos(0.05 * swing), unit * np.sin(0.05 * swing)
        x, y = CANVAS * (0.5 + 0.025 * swing), CANVAS * (0.5 + 0.008 * np.cos(2.1 * time))
        frame = np.array([[cos, -sin, x], [sin, cos, y]])
        planes = draw_portrait(self.sitter, frame, draw_background(rng), rng)
        return Scene(np.ascontiguousarray(planes.clip(0, 1.2).transpose(1, 2, 0)), frame)
