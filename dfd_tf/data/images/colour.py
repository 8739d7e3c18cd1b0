"""Embedded ICC profiles: from a picture's own colours to sRGB, through littleCMS.

Phones write Display P3, cameras Adobe RGB, print shops inks. Every viewer shows them alike, so a
detector must see them alike. A profile that is sRGB, under whatever name, changes nothing at all.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

# Profiles of displays and cameras take up to a few kilobytes, those of printers up to 3 MB.
MAX_PROFILE_BYTES = 4_000_000
# Profiles of sRGB differ in how many digits they keep: most by one level, some by up to four in
# saturated colours. Converting for that would round every pixel once more and gain nothing.
SAME_COLOUR = 4  # grey levels; another gamma moves the darkest greys by nine

_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_DEVICES = {"mntr", "scnr", "prtr", "spac"}  # not links between devices, named or abstract colours


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert a picture to sRGB as its profile says.

    Args:
        image: of mode RGB, L or CMYK.
        profile: the ICC profile that came with it, perhaps empty or damaged.

    Returns:
        A picture of mode RGB; of any mode, and the same, where the profile says nothing else than
        is assumed without one: it is sRGB, damaged, absent, or one for another kind of picture.
    """
    if image.mode == "L" and changes_colours(profile, "RGB"):
        image = image.convert("RGB")
    transform = _transform(profile, image.mode)
    return transform.apply(image) if transform else image


def changes_colours(profile: bytes, mode: str) -> bool:
    """Whether `to_srgb` changes pictures of a mode that come with this profile."""
    return _transform(profile, mode) is not None


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    if not 0 < len(profile) <= MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        described = source.profile
        if _SPACES.get(described.xcolor_space) != mode or described.device_class not in _DEVICES:
            return None
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # viewers show a picture with a damaged profile as if it had none
    return None if _is_srgb(transform, mode) else transform


def _is_srgb(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a conversion moves no colour of a lattice, nor any grey."""
    if mode == "CMYK":
        return False
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    before = np.concatenate([greys, lattice], axis=1) if mode == "RGB" else greys
    probe = Image.fromarray(before if mode == "RGB" else before[..., 0])
    after = np.asarray(transform.apply(probe)).astype(int)
    return bool(np.abs(after - before).max() <= SAME_COLOUR)
