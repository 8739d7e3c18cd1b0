"""Real speech cut into pieces and joined across recordings of the same person."""

from __future__ import annotations

import numpy as np

from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import RATE, Samples

_PIECE = (0.12, 0.5)  # seconds
_FADE = RATE // 200  # 5 ms


def _join(order: Order) -> Samples:
    sources = [order.real, *order.others]
    joined, last = np.zeros(0, np.float32), -1
    while len(joined) < 1.2 * len(order.real):
        last = _another(len(sources), last, order.rng)
        joined = crossfaded(joined, _piece(sources[last], order.rng))
    return joined


def _another(n: int, last: int, rng: np.random.Generator) -> int:
    return int(rng.choice([i for i in range(n) if i != last or n == 1]))


def _piece(samples: Samples, rng: np.random.Generator) -> Samples:
    n = min(len(samples), int(rng.uniform(*_PIECE) * RATE))
    start = int(rng.integers(len(samples) - n + 1))
    return samples[start : start + n]


def crossfaded(first: Samples, second: Samples) -> Samples:
    """One after the other, over 5 ms in which the first fades out and the second in."""
    n = min(_FADE, len(first), len(second))
    if n == 0:
        return np.concatenate([first, second])
    rise = np.linspace(0, 1, n, dtype=np.float32)
    seam = first[-n:] * (1 - rise) + second[:n] * rise
    return np.concatenate([first[:-n], seam, second[n:]])


RECORDS = (Engine("splice", "real speech of a person, cut and joined", _join, lambda: ""),)
