"""What an image file says about how it was written: nothing of it shows a face."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from PIL import Image, JpegImagePlugin

from dfd_tf.data.images.header import ImageHeader

HEADER_TRAITS = (
    *("format", "size", "width", "height"),
    *("mode", "tables", "table_mean", "subsampling", "metadata"),
)

_SUBSAMPLING = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}
# What Pillow calls the parts of a file that carry no pixels.
_METADATA = {
    "exif": "EXIF",
    "icc_profile": "ICC profile",
    "xmp": "XMP",
    "photoshop": "Photoshop",
    "adobe": "Adobe",
    "comment": "comment",
    "jfif": "JFIF",
    "progressive": "progressive",
    "interlace": "interlaced",
    "Software": "Software",
    "parameters": "parameters",
}


def header_traits(data: bytes, header: ImageHeader) -> tuple[str | float, ...]:
    """The values named in `HEADER_TRAITS`, in that order.

    Args:
        data: a whole file that `decode_with_header` has decoded.
        header: what it found.

    Returns:
        Format; size as stored, "256 x 256", width and height; mode as Pillow names it; a short
        hash of the JPEG quantisation tables ("none" for other formats) and the mean step of the
        first (0 without one); chroma subsampling; the parts of the file beside its pixels.
    """
    with Image.open(io.BytesIO(data), formats=[header.format.upper()]) as image:
        tables: dict[int, list[int]] = getattr(image, "quantization", {})
        return (
            header.format,
            f"{header.width} x {header.height}",
            header.width,
            header.height,
            image.mode,
            _short_hash(tables),
            float(np.mean(tables[0])) if 0 in tables else 0.0,
            _subsampling(image),
            ", ".join(words for key, words in _METADATA.items() if key in image.info) or "none",
        )


def _short_hash(tables: dict[int, list[int]]) -> str:
    if not tables:
        return "none"
    return hashlib.sha256(repr(sorted(tables.items())).encode()).hexdigest()[:8]


def _subsampling(image: Image.Image) -> str:
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return "none"
    return _SUBSAMPLING.get(JpegImagePlugin.get_sampling(image), "other")
