"""What is too large to decode, and the one exception of a file that cannot be judged."""

from __future__ import annotations

MAX_BYTES = 50_000_000
# A phone "of 50 megapixels" writes up to 50.3 million, one "of 64" up to 64.4.
MAX_PIXELS = 64_500_000


class UnusableImage(ValueError):
    """A file that cannot be judged."""

    @property
    def reason(self) -> str:
        """Why not, in a few words for a person, such as ``"truncated JPEG"``."""
        return str(self)


def refuse_bytes(n_bytes: int) -> None:
    """Raise UnusableImage where a file has more than ``MAX_BYTES`` bytes."""
    if n_bytes > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise UnusableImage(f"too large: {n_bytes / 1e6:.1f} MB, the limit is {limit}")


def refuse_pixels(width: int, height: int) -> None:
    """Raise UnusableImage where an image has more than ``MAX_PIXELS`` pixels."""
    if width * height > MAX_PIXELS:
        megapixels, limit = width * height / 1e6, MAX_PIXELS // 1_000_000
        raise UnusableImage(f"too large: {megapixels:.1f} megapixels, the limit is {limit}")
