"""Copies of real speech whose phase is guessed from a mel spectrogram, as old synthesis does.

The phase is found by iterations after Griffin and Lim (IEEE Trans. ASSP 32, 1984).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import istft, stft

from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import RATE, Samples

_SHORT_TIME: dict[str, Any] = {"fs": RATE, "nperseg": 512, "noverlap": 384}
_BANDS = (40, 60, 80)
_ITERATIONS = (16, 48)


def _copy(order: Order) -> Samples:
    _, _, spectrum = stft(order.real, **_SHORT_TIME)
    filters = mel_filters(int(order.rng.choice(_BANDS)), spectrum.shape[0])
    mel = filters @ np.abs(spectrum)
    magnitude = np.maximum(np.linalg.pinv(filters) @ mel, 0)
    phase = np.exp(2j * np.pi * order.rng.random(magnitude.shape))
    for _ in range(order.rng.integers(*_ITERATIONS)):
        _, _, again = stft(_sound(magnitude * phase), **_SHORT_TIME)
        again = again[:, : magnitude.shape[1]]
        phase = again / np.maximum(np.abs(again), 1e-9)
    copy = np.resize(_sound(magnitude * phase), len(order.real))
    return np.clip(copy, -1, 1).astype(np.float32)


def _sound(spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.asarray(istft(spectrum, **_SHORT_TIME)[1], np.float64)


def mel_filters(n: int, bins: int) -> NDArray[np.float64]:
    """(n, bins) triangles, evenly spaced on the mel scale, up to half of `RATE`."""
    hertz = np.linspace(0, RATE / 2, bins)
    highest = 2595 * np.log10(1 + 1.1 * RATE / 2 / 700)  # so that the last bins are in a triangle
    corners = 700 * (10 ** (np.linspace(0, highest, n + 2) / 2595) - 1)
    low, middle, high = (corners[i : n + i, None] for i in range(3))
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    return np.maximum(np.minimum(rising, falling), 0)


RECORDS = (
    Engine(
        "griffin-lim",
        "real speech through a mel spectrogram without phase",
        _copy,
        lambda: "",
    ),
)
