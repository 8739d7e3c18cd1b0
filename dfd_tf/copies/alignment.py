"""What a copy of a photo must share with it, so that only the generator's traces tell them apart.

Dual data alignment (Chen et al. 2025, arXiv:2505.14359): a pair of equal size, equal low
frequencies and equal JPEG coding leaves a detector nothing else to learn.

Images are RGB, uint8, shape (height, width, 3).
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image as pillow

from dfd_tf.types import Image

# Standard deviations in pixels of the blur whose passband stays the photo's, and how much of the
# copy's high frequencies at least is kept.
SMOOTHNESS = (1.5, 6.0)
LEAST_SHARE = 0.5


def align(copy: Image, photo: Image, rng: np.random.Generator) -> Image:
    """A copy with its photo's low frequencies, its own high ones mixed with the photo's.

    Args:
        copy: what a network made of the photo, of the same shape.
        photo: the original.
        rng: draws where low frequencies end, and the share of the copy in what lies above.
    """
    difference = copy.astype(np.float32) - photo
    high = difference - cv2.GaussianBlur(difference, (0, 0), rng.uniform(*SMOOTHNESS))
    mixed = photo + rng.uniform(LEAST_SHARE, 1) * high
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def encode_like(image: Image, original: bytes) -> bytes:
    """JPEG bytes of an image with the quantisation tables and chroma sampling of another file.

    Args:
        image: what to encode.
        original: a JPEG file; one of another format has no tables, and quality 95 is taken.
    """
    out = io.BytesIO()
    with pillow.open(io.BytesIO(original)) as source:
        tables = getattr(source, "quantization", None)
        like = {"qtables": tables, "subsampling": _sampling(source)} if tables else {"quality": 95}
        pillow.fromarray(image).save(out, "JPEG", **like)
    return out.getvalue()


def _sampling(source: pillow.Image) -> int:
    from PIL import JpegImagePlugin

    return max(JpegImagePlugin.get_sampling(source), 0)
