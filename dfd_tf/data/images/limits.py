"""What is too large to decode, and the one exception of a file that cannot be judged."""

from __future__ import annotations

from dfd_tf.errors import Unusable

MAX_BYTES = 50_000_000
# A phone "of 50 megapixels" writes up to 50.3 million, one "of 64" up to 64.4.
MAX_PIXELS = 64_500_000
TOO_LARGE = "too large: {amount} {unit}, the limit is {limit}"


class UnusableImage(Unusable):
    """An image that cannot be judged."""


def refuse_bytes(n_bytes: int) -> None:
    """Raise UnusableImage where a file has more than ``MAX_BYTES`` bytes."""
    if n_bytes > MAX_BYTES:
        raise _too_large(n_bytes, "MB", MAX_BYTES)


def refuse_pixels(width: int, height: int) -> None:
    """Raise UnusableImage where an image has more than ``MAX_PIXELS`` pixels."""
    if width * height > MAX_PIXELS:
        raise _too_large(width * height, "megapixels", MAX_PIXELS)


def _too_large(n: int, unit: str, most: int) -> UnusableImage:
    amount, limit = f"{n / 1e6:.1f}", most // 1_000_000
    return UnusableImage(TOO_LARGE.format(amount=amount, unit=unit, limit=limit))
