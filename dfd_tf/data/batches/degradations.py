"""What happens to photos on their way: one implementation for augmentation and for robustness.

Every function takes and returns an RGB image, uint8, shape (height, width, 3), and keeps the
shape.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from dfd_tf.types import Image

DEGRADATIONS = ("resize", "blur", "noise", "jpeg")

# Ranges from which augmentation draws. The lower ends are what messengers and social networks do.
RESIZE_SCALE = (0.4, 0.95)
BLUR_SIGMA = (0.3, 2.0)
NOISE_SIGMA = (1.0, 6.0)
JPEG_QUALITY = (45, 97)
INTERPOLATIONS = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA, cv2.INTER_LANCZOS4)


def encode_jpeg(image: Image, quality: int) -> bytes:
    """The file that `jpeg` decodes: baseline, 4:2:0 chroma, the standard tables at `quality`."""
    return _encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]).tobytes()


def jpeg(image: Image, quality: int) -> Image:
    """Compress as JPEG with 4:2:0 chroma at `quality` (1 to 100) and decode."""
    return _recompress(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def webp(image: Image, quality: int) -> Image:
    """Compress as lossy WebP at `quality` (1 to 100) and decode."""
    return _recompress(image, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def blur(image: Image, sigma: float) -> Image:
    """Blur with a Gaussian of `sigma` pixels."""
    return _uint8(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT))


def resize(image: Image, scale: float, interpolation: int = cv2.INTER_LINEAR) -> Image:
    """Shrink by `scale` (0 to 1) with area averaging, then enlarge back."""
    height, width = image.shape[:2]
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return _uint8(cv2.resize(shrunk, (width, height), interpolation=interpolation))


def noise(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Add Gaussian noise of `sigma` grey levels, independent in every pixel and channel."""
    noisy = image + sigma * rng.standard_normal(image.shape, dtype=np.float32)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def social(image: Image) -> Image:
    """What a share on social media does: half size, JPEG 75, back to full size."""
    height, width = image.shape[:2]
    half = cv2.resize(
        image, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA
    )
    return _uint8(cv2.resize(jpeg(_uint8(half), 75), (width, height)))


def degrade_randomly(image: Image, kinds: Collection[str], rng: np.random.Generator) -> Image:
    """Apply the named degradations at random strength.

    JPEG comes last, as in life, so that no trace of the codec can tell the classes apart. All
    strengths are drawn whether needed or not, so that one kind does not shift another's.

    Args:
        image: RGB image.
        kinds: some of `DEGRADATIONS`.
        rng: source of the strengths.
    """
    scale, sigma, strength = (rng.uniform(*r) for r in (RESIZE_SCALE, BLUR_SIGMA, NOISE_SIGMA))
    interpolation = INTERPOLATIONS[rng.integers(len(INTERPOLATIONS))]
    quality = int(rng.integers(*JPEG_QUALITY, endpoint=True))
    if "resize" in kinds:
        image = resize(image, scale, interpolation)
    if "blur" in kinds:
        image = blur(image, sigma)
    if "noise" in kinds:
        image = noise(image, strength, rng)
    if "jpeg" in kinds:
        image = jpeg(image, quality)
    return image


def _recompress(image: Image, extension: str, options: list[int]) -> Image:
    decoded = cv2.imdecode(_encode(image, extension, options), cv2.IMREAD_COLOR)
    assert decoded is not None
    return _uint8(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB))


def _encode(image: Image, extension: str, options: list[int]) -> Image:
    return _uint8(cv2.imencode(extension, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1])


def _uint8(image: cv2.typing.MatLike) -> Image:
    return image.astype(np.uint8, copy=False)
