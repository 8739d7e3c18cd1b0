"""Scenes in linear light, drawn from random numbers: their surfaces, textures and backgrounds.

Natural images have amplitude spectra that fall as 1/f (Field 1987) and objects that occlude one
another at all scales, the dead-leaves model (Lee, Mumford and Huang 2001). Every surface here is
rough as 1/f, every background and every texture scene is a pile of dead leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    unit = zoom * CANVAS * rng.uniform(0.28, 0.35)
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
        (CANVAS, CANVAS, channels) float32, each channel of mean 0 and variance 1.
    """
    fy = np.fft.fftfreq(CANVAS).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(CANVAS).astype(np.float32)[None, :]
    amplitude = np.maximum(np.hypot(fy, fx), 1.0 / CANVAS) ** np.float32(-exponent)
    amplitude[0, 0] = 0.0
    parts = rng.standard_normal((2, channels, *amplitude.shape), dtype=np.float32) * amplitude
    noise = np.fft.irfft2(parts[0] + 1j * parts[1], s=(CANVAS, CANVAS))
    noise /= noise.std(axis=(1, 2), keepdims=True)
    return np.ascontiguousarray(noise.transpose(1, 2, 0), dtype=np.float32)


def random_colour(rng: np.random.Generator, saturation: float) -> np.ndarray:
    """A random linear RGB colour, (3,); ``saturation`` in [0, 1] bounds how far it is from grey."""
    tint = rng.uniform(-1.0, 1.0, 3) * saturation
    return (rng.uniform(0.08, 0.55) * np.exp(tint - tint.mean())).astype(np.float32)


def draw_texture(rng: np.random.Generator) -> np.ndarray:
    """A texture: dead leaves whose surfaces are rough at all scales, linear RGB."""
    leaves = _dead_leaves(rng, rng.uniform(0.1, 0.6), rng.uniform(20, 80))
    noise = spectral_noise(rng, 3, rng.uniform(0.8, 1.2))
    rough = np.float32(rng.uniform(0.25, 0.5)) * (noise[..., :1] + 0.3 * noise)
    return leaves * np.exp(rough) * _uneven_light(rng)


def draw_background(rng: np.random.Generator) -> np.ndarray:
    """What lies behind a sitter: dead leaves out of focus, with a faint texture, linear RGB."""
    leaves = _dead_leaves(rng, rng.uniform(0.1, 0.5), 70)
    blurred = cv2.GaussianBlur(leaves, (0, 0), rng.uniform(2.5, 12.0))
    rough = np.float32(rng.uniform(0.05, 0.2)) * spectral_noise(rng, 1, 1.1)
    return blurred * np.exp(rough) * _uneven_light(rng)


def _dead_leaves(rng: np.random.Generator, saturation: float, largest: float) -> np.ndarray:
    """Ellipses that occlude one another; half-axes from 5 to ``largest`` pixels, few of them big."""
    canvas = np.full((CANVAS, CANVAS, 3), _encode(random_colour(rng, saturation)), dtype=np.uint8)
    for size in 5.0 * (largest / 5.0) ** rng.uniform(0, 1, 90) ** 1.5:
        centre = rng.integers(0, CANVAS, 2).tolist()
        axes = [int(size), int(size * rng.uniform(0.4, 1.0))]
        colour = _encode(random_colour(rng, saturation)).tolist()
        cv2.ellipse(canvas, centre, axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    return (np.arange(256, dtype=np.float32) / 255)[canvas] ** np.float32(2.2)


def _encode(light: np.ndarray) -> np.ndarray:
    """Linear light to 8-bit gamma, the depth at which OpenCV draws anti-aliased."""
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / 2.2))


def _uneven_light(rng: np.random.Generator) -> np.ndarray:
    """Illumination that changes across the canvas, (CANVAS, CANVAS, 1), 1 in the middle."""
    ramp = np.linspace(-1, 1, CANVAS, dtype=np.float32)
    gx, gy = rng.normal(0, 0.25, 2).astype(np.float32)
    return np.exp(gx * ramp[None, :] + gy * ramp[:, None])[..., None]
