"""What is done to samples of sound as a whole: rate, level and spectrum."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, firwin2, resample_poly, welch

from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.types import Floats

# Bands in Hz: thirds of an octave where voices lie, a quarter of a kilohertz each above.
_EDGES: Floats = np.append(90.0 * 2 ** (np.arange(13) / 3), np.arange(1750, 8001, 250))
CENTRES: Floats = (_EDGES[1:] + _EDGES[:-1]) / 2
_TAPS = 511
_LEAST_POWER = 1e-12


def resampled(samples: NDArray[np.floating], rate: int, to: int) -> Samples:
    """Samples at another rate, in Hz, by a polyphase filter."""
    ratio = Fraction(to, rate)
    return np.asarray(resample_poly(samples, ratio.numerator, ratio.denominator), np.float32)


def decibels(power: NDArray[np.floating]) -> Floats:
    """Ten times the decimal logarithm, bounded from below."""
    return 10 * np.log10(np.maximum(power, _LEAST_POWER))


def level(samples: Samples) -> float:
    """Root of the mean square, in dB of full scale."""
    return float(decibels(np.array([np.mean(np.square(samples, dtype=np.float64))]))[0])


def at_level(samples: Samples, wanted: float) -> Samples:
    """Brought to a level, in dB of full scale; peaks beyond full scale are cut."""
    scaled = samples * 10 ** ((wanted - level(samples)) / 20)
    return np.clip(scaled, -1, 1).astype(np.float32)


def spectrum(samples: Samples) -> Floats:
    """Mean power in each of the bands around `CENTRES`, in dB: shape (bands,)."""
    hertz, power = welch(samples, RATE, nperseg=min(1024, len(samples)))
    band = np.digitize(hertz, _EDGES) - 1
    return decibels(np.array([power[band == i].mean() for i in range(len(CENTRES))]))


def filtered(samples: Samples, gains: Floats) -> Samples:
    """Through a filter without delay that has a gain, in dB, at each of `CENTRES`, none at 0 Hz."""
    hertz = np.concatenate([[0], CENTRES, [RATE / 2]])
    factors = np.concatenate([[0], 10 ** (np.append(gains, gains[-1]) / 20)])
    taps = firwin2(_TAPS, hertz, factors, fs=RATE)
    return np.asarray(fftconvolve(samples - samples.mean(), taps, mode="same"), np.float32)
