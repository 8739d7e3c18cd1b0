"""Everything but the usual JPEG to pixels, through Pillow.

Pillow raises on truncated files and knows palettes, transparency, 16-bit samples and first frames.
HEIF it learns from the package pillow-heif.
"""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps, UnidentifiedImageError, features

from dfd_tf.data.images.colour import to_srgb
from dfd_tf.data.images.header import ImageHeader
from dfd_tf.data.images.limits import UnusableImage, refuse_pixels
from dfd_tf.types import Image

_PNG_DEPTH = 24  # place of the byte that says how many bits a sample has
_GREY_MODES = {"1", "L", "LA", "La"}


def decode_with_pillow(data: bytes, header: ImageHeader) -> Image:
    """Decode a file to sRGB as it is stored; HEIF and AVIF upright.

    Raises:
        UnusableImage: truncated, damaged, or a decoder is missing.
        MemoryError: too little of it for this picture.
    """
    name = header.name
    _require_decoder(header.format)
    try:
        with PillowImage.open(io.BytesIO(data), formats=[name.upper()]) as image:
            refuse_pixels(image.width, image.height)  # a GIF frame may exceed the screen it states
            profile = image.info.get("icc_profile") or header.profile
            return np.array(_to_rgb(_as_shown(image, header.format, data), profile))
    except (UnusableImage, MemoryError):
        raise
    except UnidentifiedImageError:
        raise UnusableImage(f"damaged {name}") from None
    # Pillow's parsers are Python and raise what they happen to meet; the file is to blame.
    except Exception as error:
        said = " ".join(str(error).split())
        truncated = "truncated" in said.lower()
        reason = f"truncated {name}" if truncated else f"damaged {name} ({said})"
        raise UnusableImage(reason) from None


def _require_decoder(format_: str) -> None:
    if format_ == "heif" and not _learn_heif():
        raise UnusableImage(
            'this is a HEIF (HEIC) image: pip install "dfd-tf[heif]" to read it, or save it as JPEG'
        )
    if format_ == "avif" and not features.check("avif"):
        raise UnusableImage("this is an AVIF image and this Pillow cannot read it: save it as PNG")


@cache
def _learn_heif() -> bool:
    """Teach Pillow to read HEIF, only the picture itself; False if nobody can."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True


def _as_shown(image: PillowImage.Image, format_: str, data: bytes) -> PillowImage.Image:
    """Mend what Pillow leaves to its callers, or gets wrong, in single formats."""
    if format_ == "avif":
        return ImageOps.exif_transpose(image)
    if format_ == "bmp" and image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0):
        return image.convert("RGB")  # written by programs that know no transparency
    transparent = image.info.get("transparency")
    if format_ == "png" and image.mode == "RGB" and transparent and data[_PNG_DEPTH] == 16:
        return _deep_colour(image, data)
    return image


def _deep_colour(image: PillowImage.Image, data: bytes) -> PillowImage.Image:
    """16-bit colour of which one is transparent: Pillow would seek it among 8-bit colours."""
    image.load()  # raises where the file is damaged
    bgra = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), np.uint16)
    return PillowImage.fromarray((bgra[..., [2, 1, 0, 3]] >> 8).astype(np.uint8))


def _to_rgb(image: PillowImage.Image, profile: bytes) -> PillowImage.Image:
    if image.mode.startswith("I"):  # 16-bit grey; 16-bit colour arrives as 8-bit already
        image = _high_bytes(image)
    colour = _to_srgb(image, profile)
    if not image.has_transparency_data:
        return colour
    colour.putalpha(image.convert("RGBA").getchannel("A"))
    white = PillowImage.new("RGBA", image.size, "white")
    return PillowImage.alpha_composite(white, colour).convert("RGB")


def _high_bytes(image: PillowImage.Image) -> PillowImage.Image:
    """16-bit grey as 8-bit, with an alpha channel where one of its levels is transparent."""
    samples = np.asarray(image).astype(np.uint16)
    grey = PillowImage.fromarray((samples >> 8).astype(np.uint8))
    transparent = image.info.get("transparency")
    if transparent is not None:
        grey.putalpha(PillowImage.fromarray(np.where(samples == transparent, 0, 255).astype("u1")))
    return grey


def _to_srgb(image: PillowImage.Image, profile: bytes) -> PillowImage.Image:
    """Colours without transparency, mode RGB."""
    if image.mode == "CMYK":
        return to_srgb(image, profile).convert("RGB")
    base = image.convert("L" if image.mode in _GREY_MODES else "RGB")
    return to_srgb(base, profile).convert("RGB")
