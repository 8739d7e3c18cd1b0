"""Portraits: a head in relief, lit from one side, with hair, features and clothes.

All lengths are in units of half the head's height; u points right and v down from the middle of
the face, so the eyes lie a little above 0 and the chin at 1.
"""

from __future__ import annotations

import copy

import cv2
import numpy as np

from dfd_tf.demo.scene import spectral_noise, subject_coordinates
from dfd_tf.demo.sitter import Sitter, rgb

EYE_LEVEL = -0.1
MOUTH_LEVEL = 0.5


def draw_portrait(
    sitter: Sitter, frame: np.ndarray, background: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draws a person before ``background``.

    Args:
        sitter: the person.
        frame: (2, 3) affine map from head units to pixels.
        background: (3, CANVAS, CANVAS) float32 linear RGB.
        rng: source of the surfaces' textures.

    Returns:
        Linear RGB of the background's shape.
    """
    return _Easel(sitter, frame, background, spectral_noise(rng, 3)).draw()


class _Easel:
    """A canvas with the coordinates and surface textures that all layers of a portrait share."""

    def __init__(
        self, sitter: Sitter, frame: np.ndarray, background: np.ndarray, noise: np.ndarray
    ) -> None:
        self.sitter = sitter
        self.canvas = background.copy()
        self.noise = noise
        self.wisps = cv2.GaussianBlur(noise[2], (0, 0), 1.2)
        self.u, self.v = subject_coordinates(frame)
        self.pixel = float(1 / np.hypot(frame[0, 0], frame[1, 0]))
        taper = 1 - sitter.jaw * np.clip(self.v + 0.1, 0, 1.1) ** 1.5
        self.radius = np.hypot(self.u / (sitter.width * taper), self.v)
        self.dome = np.sqrt(np.clip(1 - self.radius**2, 0.03, 1))
        self.across = self.u - np.float32(sitter.yaw) * self.dome  # features turn with the head

    def draw(self) -> np.ndarray:
        strands = self._strands()
        self._hair_behind(strands)
        self._body()
        self._head()
        for side in (-1, 1):
            around_eye = self._detail(side * self.sitter.eye_distance, -0.2, 0.3)
            around_eye._eye(side)
            around_eye._brow(side)
        self._detail(0.0, 0.45, 0.4)._mouth()
        self._fringe(strands)
        return self.canvas

    def _detail(self, u: float, v: float, reach: float) -> _Easel:
        """The part of the easel within ``reach`` of a point: the same canvas, fewer pixels."""
        near = np.maximum(np.abs(self.across - u), np.abs(self.v - v)) < reach
        rows, columns = np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0))
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        part = copy.copy(self)
        for name in ("canvas", "noise", "wisps", "u", "v", "across"):
            setattr(part, name, getattr(self, name)[..., *window])
        return part

    def _paint(self, distance: np.ndarray, colour: np.ndarray, blur: float = 0.0) -> None:
        """Covers where ``distance`` (head units, negative inside) with a soft edge of ``blur``."""
        softness = np.float32(max(1.5 * self.pixel, blur))
        mask = np.clip(0.5 - distance / softness, 0, 1, dtype=np.float32)
        self.canvas += mask * (colour - self.canvas)

    def _shade(self, distance: np.ndarray, strength: float, blur: float) -> None:
        """Darkens where ``distance`` is negative by ``strength`` in [0, 1]."""
        mask = np.clip(0.5 - distance / np.float32(blur), 0, 1, dtype=np.float32)
        self.canvas *= 1 - np.float32(strength) * mask

    def _strands(self) -> np.ndarray:
        """Hair's colour: 1/f noise drawn out along lines that leave the crown."""
        angle = np.arctan2(self.u - self.sitter.yaw, -(self.v + 0.9 - 1.5 * self.u**2))
        reach = np.hypot(self.u, self.v + 0.9)
        size = np.float32(self.noise.shape[1] - 1)
        sheen = cv2.remap(
            self.noise[2],
            (angle + np.float32(np.pi)) * (size / 6.3),
            reach * np.float32(0.06 * size),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        gloss = 1 + 0.9 * np.exp(-(((reach - 0.55) / 0.25) ** 2))
        return self.sitter.hair * (np.exp(0.5 * sheen + 0.15 * self.noise[1]) * gloss)

    def _hair_behind(self, strands: np.ndarray) -> None:
        width = self.sitter.width + 0.14
        cap = (np.hypot(self.u / width, (self.v + 0.12) / 1.0) - 1) * width
        fall = np.maximum(np.abs(self.u) - width, self.v - self.sitter.hair_length)
        fall = np.maximum(fall, -0.1 - self.v) + 0.02 * self.wisps
        self._paint(np.minimum(cap + 0.01 * self.wisps, fall), 0.7 * strands, 0.06)

    def _body(self) -> None:
        sitter = self.sitter
        neck = np.abs(self.u) - 0.42 - 0.3 * np.clip(self.v - 1.1, 0, 1) ** 2
        round_neck = np.cos(np.clip(self.u / 0.62 - 0.4 * sitter.lamp[0], -1.4, 1.4))
        skin = sitter.skin * (0.85 * round_neck * (1 + 0.04 * self.noise[0]))
        self._paint(np.maximum(neck, 0.3 - self.v), skin, 0.03)
        self._shade((np.hypot(self.u / 0.7, self.v - 0.15) - 1) * 0.7, 0.55, 0.5)
        shoulders = 1.22 + 0.32 * np.clip(np.abs(self.u) - 0.4, 0, 2) ** 1.6
        collar = 0.3 * np.clip(1 - (self.u / 0.5) ** 2, 0, 1)
        weave = 1 + 0.12 * np.sin(60 * self.u + self.noise[1]) * np.sin(60 * self.v)
        folds = np.exp(0.25 * self.noise[0]) * weave
        self._paint(shoulders + collar - self.v, sitter.cloth * folds, 0.02)

    def _head(self) -> None:
        sitter = self.sitter
        for side in (-1, 1):
            ear = np.hypot((self.u - side * sitter.width) / 0.1, (self.v - 0.02) / 0.2) - 1
            self._paint(0.1 * ear, 0.6 * sitter.skin, 0.03)
        albedo = sitter.skin * np.exp(0.06 * self.noise[0] + 0.02 * self.noise)
        flush = np.exp(-(((np.abs(self.across) - 0.38) / 0.2) ** 2) - ((self.v - 0.25) / 0.2) ** 2)
        albedo *= 1 - flush * rgb(0.0, 0.16, 0.14)
        jaw = np.clip((np.hypot(self.across / 0.62, (self.v - 0.05) / 0.62) - 0.85) * 4, 0, 1)
        stubble = sitter.beard * jaw * np.clip(4 * self.v - 0.3, 0, 1)
        stubble *= np.clip(0.85 + 0.15 * self.noise[2], 0, 1)
        albedo += stubble * (1.5 * sitter.hair - albedo)
        self._paint((self.radius - 1) * sitter.width, albedo * self._lighting())

    def _relief(self) -> np.ndarray:
        """Height of the face over the picture plane, head units."""
        a, v, sitter = self.across, self.v, self.sitter
        ridge = np.clip((v + 0.2) / 0.45, 0, 1) * np.clip((0.33 - v) / 0.1, 0, 1)
        relief = 0.75 * self.dome + 0.2 * ridge * np.exp(-((a / sitter.nose) ** 2))
        for side in (-1, 1):
            eye = a - side * sitter.eye_distance
            relief -= 0.09 * np.exp(-((eye / 0.17) ** 2) - ((v - EYE_LEVEL) / 0.1) ** 2)
            wing = (a - side * 0.9 * sitter.nose) / 0.05
            relief += 0.05 * np.exp(-(wing**2) - ((v - 0.26) / 0.06) ** 2)
        relief += 0.05 * np.exp(-((a / 0.3) ** 2) - ((v - MOUTH_LEVEL) / 0.14) ** 2)
        relief += 0.04 * np.exp(-((a / 0.18) ** 2) - ((v - 0.85) / 0.1) ** 2)
        return relief

    def _lighting(self) -> np.ndarray:
        """Ambient, diffuse and a little specular light on the relief, about 1 facing the lamp."""
        dy, dx = np.gradient(self._relief(), np.float32(self.pixel))
        lamp = np.array(self.sitter.lamp, dtype=np.float32)
        lamp /= np.linalg.norm(lamp)
        facing = (lamp[2] - lamp[0] * dx - lamp[1] * dy) / np.sqrt(1 + dx**2 + dy**2)
        facing = cv2.GaussianBlur(np.maximum(facing, 0), (0, 0), 1.0)
        return 0.32 + 0.75 * facing + 0.12 * facing**24

    def _eye(self, side: int) -> None:
        sitter = self.sitter
        size = sitter.eye_size
        a, v = self.across - side * sitter.eye_distance, self.v - EYE_LEVEL
        lid = np.clip(1 - (a / size) ** 2, 0, 1)
        corner = np.abs(a) - size
        upper = np.maximum(-0.48 * size * lid - v, corner)
        opening = np.maximum(upper, v - 0.36 * size * lid)
        white = sitter.skin * 0.25 + rgb(0.42, 0.4, 0.39)
        self._paint(opening, white * (1 - 0.35 * np.abs(a / size)), 0.03)
        iris = np.hypot(a - size * sitter.gaze, v + 0.06 * size) - 0.44 * size
        colour = sitter.iris * (1 + 0.3 * self.noise[1])
        self._paint(np.maximum(iris, opening), colour, 0.025)
        pupil = np.maximum(iris + 0.24 * size, opening)
        self._paint(pupil, rgb(0.004, 0.004, 0.004))
        glint = np.hypot(a - size * (sitter.gaze + 0.2 * sitter.lamp[0]), v + 0.22 * size)
        self._paint(np.maximum(glint - 0.1 * size, opening), rgb(0.9, 0.9, 0.9))
        lash = np.maximum(np.abs(upper + 0.004) - 0.012, np.maximum(corner, v - 0.02))
        self._shade(lash, 0.85, 0.025)
        self._shade(np.maximum(np.abs(v + 0.75 * size * lid + 0.03) - 0.008, corner), 0.3, 0.04)

    def _brow(self, side: int) -> None:
        sitter = self.sitter
        a = side * (self.across - side * sitter.eye_distance)
        arch = EYE_LEVEL - 0.19 - 0.05 * np.cos(4 * (a - 0.05))
        thickness = sitter.brow * np.clip(1.1 - 2.5 * (a + 0.12), 0.25, 1)
        brow = np.maximum(np.abs(self.v - arch) - thickness, np.abs(a) - 0.19)
        self._paint(brow + 0.008 * self.wisps, 0.8 * sitter.hair, 0.05)

    def _mouth(self) -> None:
        sitter = self.sitter
        a, v = self.across, self.v - MOUTH_LEVEL
        for side in (-1, 1):
            nostril = np.hypot((a - side * 0.5 * sitter.nose) / 0.035, (self.v - 0.315) / 0.018) - 1
            self._shade(0.02 * nostril, 0.7, 0.025)
        along = (a / sitter.mouth_width) ** 2
        line = v + 0.05 * sitter.smile * along
        thickness = sitter.lips * np.clip(1 - along, 0, 1)
        bow = thickness * (0.75 - 0.25 * np.exp(-((a / 0.04) ** 2)))
        lips = np.maximum(-bow - line, line - 1.1 * thickness) + 0.1 * (along > 1)
        tint = rgb(0.95, 0.6, 0.62)
        mask = np.clip(0.5 - lips / np.float32(0.03), 0, 1)
        self.canvas *= 1 - mask * (1 - tint)
        self._shade(np.maximum(np.abs(line) - 0.01, np.abs(a) - sitter.mouth_width), 0.75, 0.025)
        self._shade(np.hypot(a / 0.15, (v - 1.7 * sitter.lips) / 0.03) - 1, 0.2, 1.0)

    def _fringe(self, strands: np.ndarray) -> None:
        inside = (np.hypot(self.u / (self.sitter.width + 0.07), self.v / 1.07) - 1) * 0.8
        sweep = self.across - 0.8 * self.sitter.yaw
        edge = self.sitter.hairline + 1.1 * sweep**2 + 0.06 * self.wisps
        self._paint(np.maximum(inside, self.v - edge), strands, 0.08)
