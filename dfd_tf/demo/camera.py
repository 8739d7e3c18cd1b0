"""The camera between a scene and a photo: lens, Bayer sensor, demosaicing, gamma, JPEG.

What a real photo carries and a generated image lacks: noise that was born on the sensor's mosaic
and whose neighbouring samples were tied to one another by the demosaicing, with a period of two
pixels (Popescu and Farid 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dfd_tf.demo.scene import CANVAS, MARGIN

MOSAICS = {"RGGB": (0, 1, 1, 2), "GRBG": (1, 0, 2, 1), "GBRG": (1, 2, 0, 1), "BGGR": (2, 1, 1, 0)}
"""Colour channel of each cell of the sensor's 2x2 tile, in reading order."""


@dataclass(frozen=True)
class Camera:
    """One camera and its settings.

    Attributes:
        mosaic: order of the colour filters, such as "RGGB".
        edge_aware: demosaicing along edges instead of bilinear.
        blur: standard deviation of the lens blur, pixels.
        exposure: factor on the scene's light.
        response: (3,) sensitivity to R, G, B, which white balance divides out again.
        shot: variance of the shot noise per unit of signal (full scale is 1).
        read: standard deviation of the read noise, of full scale.
        sharpening: strength of the unsharp mask in the finished photo.
    """

    mosaic: str
    edge_aware: bool
    blur: float
    exposure: float
    response: np.ndarray
    shot: float
    read: float
    sharpening: float


def random_camera(rng: np.random.Generator) -> Camera:
    """Draws a camera and its settings."""
    return Camera(
        mosaic=str(rng.choice(list(MOSAICS))),
        edge_aware=bool(rng.random() < 0.5),
        blur=rng.uniform(0.45, 0.8),
        exposure=rng.uniform(0.8, 1.3),
        response=np.array([rng.uniform(0.5, 0.75), 1.0, rng.uniform(0.5, 0.75)]),
        shot=float(np.exp(rng.uniform(np.log(3e-4), np.log(1.2e-3)))),
        read=rng.uniform(0.001, 0.003),
        sharpening=rng.uniform(0.0, 0.5),
    )


def photograph(
    light: np.ndarray, camera: Camera, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Takes a photo: lens, mosaic, shot and read noise, demosaicing, white balance, gamma.

    Args:
        light: (CANVAS, CANVAS, 3) float32 RGB in linear light.
        camera: the camera and its settings.
        rng: source of the noise; without one the photo is free of noise.

    Returns:
        (CANVAS, CANVAS, 3) float32 gamma-encoded RGB in [0, 255], not yet rounded.
    """
    raw = _mosaic(_through_lens(light, camera), camera)
    if rng is not None:
        noise = rng.standard_normal(raw.shape, dtype=np.float32)
        raw += noise * np.sqrt(np.float32(camera.shot) * raw + np.float32(camera.read**2))
    return _finish(_demosaic(raw, camera), camera)


def render_unsampled(light: np.ndarray, camera: Camera) -> np.ndarray:
    """The same picture without a sensor: lens and tone only, shape and range of ``photograph``."""
    return _finish(_through_lens(light, camera), camera)


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """Cuts the margin off and encodes: 4:2:0 JPEG of the middle SIZE x SIZE pixels.

    Args:
        image: (CANVAS, CANVAS, 3) RGB in [0, 255], any real type.
        quality: JPEG quality, 1..100.
    """
    pixels = np.rint(np.clip(crop_margin(image), 0, 255)).astype(np.uint8)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], options)
    return data.tobytes()


def crop_margin(image: np.ndarray) -> np.ndarray:
    """The middle SIZE x SIZE pixels of a canvas."""
    return image[MARGIN : CANVAS - MARGIN, MARGIN : CANVAS - MARGIN]


def _through_lens(light: np.ndarray, camera: Camera) -> np.ndarray:
    return cv2.GaussianBlur(light * np.float32(camera.exposure), (0, 0), camera.blur)


def _mosaic(signal: np.ndarray, camera: Camera) -> np.ndarray:
    """What the sensor sees: of every pixel the one channel that its colour filter lets through."""
    raw = np.empty(signal.shape[:2], dtype=np.float32)
    for cell, channel in enumerate(MOSAICS[camera.mosaic]):
        tile = np.s_[cell // 2 :: 2, cell % 2 :: 2]
        raw[tile] = signal[..., channel][tile] * camera.response[channel]
    return raw


def _demosaic(raw: np.ndarray, camera: Camera) -> np.ndarray:
    """Full RGB, white-balanced. OpenCV wants integers: 16 bits, with room for noise below 0."""
    code = f"COLOR_Bayer{camera.mosaic}2RGB" + ("_EA" if camera.edge_aware else "")
    full_scale, black = 40_000, 1000
    counts = np.rint(np.clip(raw * full_scale + black, 0, 65_535)).astype(np.uint16)
    colour = cv2.cvtColor(counts, getattr(cv2, code)).astype(np.float32)
    balance = np.diag(1 / (full_scale * camera.response))
    return cv2.transform(colour - black, balance)


def _finish(linear: np.ndarray, camera: Camera) -> np.ndarray:
    """Gamma and in-camera sharpening."""
    encoded = 255 * cv2.pow(np.clip(linear, 0, 1), 1 / 2.2)
    soft = cv2.GaussianBlur(encoded, (0, 0), 1.0)
    return np.clip(encoded + np.float32(camera.sharpening) * (encoded - soft), 0, 255)
