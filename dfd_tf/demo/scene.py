"""Scenes in linear light, drawn from random numbers: their surfaces, textures and backgrounds.

Natural images have amplitude spectra that fall as 1/f (Field 1987) and objects that occlude one
another at all scales, the dead-leaves model (Lee, Mumford and Huang 2001). Every surface here is
rough as 1/f, every background and every texture scene is a pile of dead leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

SIZE = 256
"""Height and width of a finished image, pixels."""
MARGIN = 4
"""Pixels rendered beyond each edge, so that no filter's border handling reaches the image."""
CANVAS = SIZE + 2 * MARGIN


@dataclass(frozen=True)
class Scene:
    """What stands before the camera.

    Attributes:
        light: (CANVAS, CANVAS, 3) float32 RGB, linear, about [0, 1].
        frame: (2, 3) affine map from subject coordinates (u right, v down, in units of half the
            subject's height) to pixels. Mapping one scene's frame on another's aligns the two.
    """

    light: np.ndarray
    frame: np.ndarray


def random_frame(rng: np.random.Generator, zoom: float = 1.0) -> np.ndarray:
    """A random position, size and roll of a subject near the middle of the canvas, (2, 3).

    ``zoom`` below 1 makes the subject smaller.
    """
    unit = zoom * CANVAS * rng.uniform(0.32, 0.39)
    centre = CANVAS * (0.5 + rng.uniform(-0.04, 0.04, 2))
    roll = rng.normal(0, 0.08)
    cos, sin = unit * np.cos(roll), unit * np.sin(roll)
    return np.array([[cos, -sin, centre[0]], [sin, cos, centre[1]]])


def subject_coordinates(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Subject coordinates u and v of every pixel under ``frame``, each (CANVAS, CANVAS)."""
    inverse = cv2.invertAffineTransform(frame).astype(np.float32)
    y, x = np.mgrid[:CANVAS, :CANVAS].astype(np.float32)
    u, v = (row[0] * x + row[1] * y + row[2] for row in inverse)
    return u, v


def spectral_noise(rng: np.random.Generator, channels: int, exponent: float = 1.0) -> np.ndarray:
    """Gaussian noise whose amplitude falls as 1/f^exponent.

    Returns:
        (channels, CANVAS, CANVAS) float32, each channel of mean 0 and variance 1.
    """
    amplitude = _frequencies() ** np.float32(-exponent)
    amplitude[0, 0] = 0.0
    shape = (channels, *amplitude.shape)
    spectrum = rng.standard_normal((*shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
    noise = np.fft.irfft2(spectrum * amplitude, s=(CANVAS, CANVAS))
    return noise / noise.std(axis=(1, 2), keepdims=True)


def random_colour(rng: np.random.Generator, saturation: float) -> np.ndarray:
    """A random linear RGB colour, (3, 1, 1); ``saturation`` in [0, 1] bounds its tint."""
    return _random_colours(rng, 1, saturation).reshape(3, 1, 1)


def draw_texture(rng: np.random.Generator) -> np.ndarray:
    """A texture: dead leaves whose surfaces are rough at all scales, (3, CANVAS, CANVAS)."""
    leaves = _dead_leaves(rng, rng.uniform(0.1, 0.6), rng.uniform(20, 80)).transpose(2, 0, 1)
    noise = spectral_noise(rng, 3, rng.uniform(1.0, 1.3))
    rough = np.float32(rng.uniform(0.12, 0.3)) * (noise[:1] + 0.3 * noise)
    return leaves * np.exp(rough + _uneven_light(rng))


def draw_background(rng: np.random.Generator) -> np.ndarray:
    """What lies behind a sitter: dead leaves out of focus, faintly rough, (3, CANVAS, CANVAS)."""
    leaves = _dead_leaves(rng, rng.uniform(0.1, 0.5), 70)
    blurred = cv2.GaussianBlur(leaves, (0, 0), rng.uniform(2.5, 12.0)).transpose(2, 0, 1)
    rough = np.float32(rng.uniform(0.04, 0.12)) * spectral_noise(rng, 1, 1.2)
    return blurred * np.exp(rough + _uneven_light(rng))


@cache
def _frequencies() -> np.ndarray:
    """Radial frequency of each term of the canvas' real Fourier transform, cycles per pixel."""
    radius = np.hypot(np.fft.fftfreq(CANVAS)[:, None], np.fft.rfftfreq(CANVAS)[None, :])
    return np.maximum(radius, 1.0 / CANVAS).astype(np.float32)


def _random_colours(rng: np.random.Generator, n: int, saturation: float) -> np.ndarray:
    tint = rng.uniform(-1.0, 1.0, (n, 3)) * saturation
    level = rng.uniform(-3.2, -0.7, (n, 1))
    return np.exp(level + tint - tint.mean(1, keepdims=True)).astype(np.float32)


def _dead_leaves(rng: np.random.Generator, saturation: float, largest: float) -> np.ndarray:
    """Ellipses that occlude one another, few of them big, (CANVAS, CANVAS, 3) float32.

    Half-axes go from 5 to ``largest`` pixels. Drawn in 8-bit gamma, where OpenCV smooths edges.
    """
    n = 90
    colours = np.rint(255 * _random_colours(rng, n + 1, saturation).clip(0, 1) ** (1 / 2.2))
    canvas = np.full((CANVAS, CANVAS, 3), colours[n], dtype=np.uint8)
    sizes = 5.0 * (largest / 5.0) ** rng.uniform(0, 1, n) ** 1.5
    axes = np.stack([sizes, sizes * rng.uniform(0.4, 1.0, n)], axis=1).astype(int).tolist()
    centres, angles = rng.integers(0, CANVAS, (n, 2)).tolist(), rng.uniform(0, 180, n).tolist()
    for centre, axis, angle, colour in zip(centres, axes, angles, colours.tolist(), strict=False):
        cv2.ellipse(canvas, centre, axis, angle, 0, 360, colour, -1, cv2.LINE_AA)
    return ((np.arange(256, dtype=np.float32) / 255) ** np.float32(2.2))[canvas]


def _uneven_light(rng: np.random.Generator) -> np.ndarray:
    """Logarithm of an illumination that changes across the canvas, 0 in the middle."""
    ramp = np.linspace(-1, 1, CANVAS, dtype=np.float32)
    gx, gy = rng.normal(0, 0.25, 2).astype(np.float32)
    return gx * ramp[None, :] + gy * ramp[:, None]
