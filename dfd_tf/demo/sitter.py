"""Who sits for a portrait: complexion, features, pose and lamp, drawn from random numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dfd_tf.demo.scene import random_colour


@dataclass(frozen=True)
class Sitter:
    """One person in one pose: colours in linear RGB (3, 1, 1), lengths in head units."""

    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    cloth: np.ndarray
    width: float
    jaw: float
    eye_distance: float
    eye_size: float
    brow: float
    nose: float
    mouth_width: float
    lips: float
    smile: float
    hairline: float
    hair_length: float
    beard: float
    yaw: float
    gaze: float
    lamp: tuple[float, float, float]


def random_sitter(rng: np.random.Generator) -> Sitter:
    """Draws a person."""
    fair, dark = np.array([0.70, 0.43, 0.32]), np.array([0.13, 0.065, 0.04])
    black = np.array([0.012, 0.009, 0.008])
    dyes = [[0.09, 0.04, 0.02], [0.38, 0.24, 0.11], [0.2, 0.06, 0.02], [0.34, 0.33, 0.32]]
    tone, bleach = rng.beta(1.2, 1.6), rng.beta(0.8, 0.8)
    return Sitter(
        skin=rgb(*(fair ** (1 - tone) * dark**tone * rng.uniform(0.92, 1.08, 3))),
        hair=rgb(*(black ** (1 - bleach) * rng.choice(dyes) ** bleach)),
        iris=rgb(*rng.choice([[0.06, 0.03, 0.015], [0.1, 0.2, 0.3], [0.1, 0.14, 0.06]])),
        cloth=random_colour(rng, 0.7),
        width=rng.uniform(0.7, 0.79),
        jaw=rng.uniform(0.14, 0.28),
        eye_distance=rng.uniform(0.29, 0.34),
        eye_size=rng.uniform(0.125, 0.15),
        brow=rng.uniform(0.02, 0.04),
        nose=rng.uniform(0.08, 0.115),
        mouth_width=rng.uniform(0.22, 0.3),
        lips=rng.uniform(0.05, 0.085),
        smile=rng.uniform(-0.2, 1.4),
        hairline=rng.uniform(-0.75, -0.5),
        hair_length=rng.uniform(0.8, 1.6) if rng.random() < 0.5 else rng.uniform(-0.1, 0.3),
        beard=rng.uniform(0.15, 0.8) if rng.random() < 0.3 else 0.0,
        yaw=rng.normal(0, 0.08),
        gaze=rng.normal(0, 0.12),
        lamp=(rng.uniform(-0.8, 0.8), rng.uniform(-0.7, -0.1), 1.0),
    )


def lookalike(sitter: Sitter, rng: np.random.Generator) -> Sitter:
    """Another person as a forger would choose: of like complexion and hair, in the same light."""
    return replace(
        random_sitter(rng),
        skin=sitter.skin * rgb(*rng.uniform(0.94, 1.06, 3)),
        hair=sitter.hair,
        hairline=sitter.hairline,
        beard=sitter.beard,
        yaw=sitter.yaw,
        lamp=sitter.lamp,
    )


def rgb(red: float, green: float, blue: float) -> np.ndarray:
    """A colour in linear light, (3, 1, 1), as it is laid over channels-first pictures."""
    return np.array([red, green, blue], dtype=np.float32).reshape(3, 1, 1)
