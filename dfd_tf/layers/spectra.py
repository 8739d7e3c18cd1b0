"""From samples of sound to what their spectrum says, inside the graph: log energies and cepstra."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

MEL = 700.0  # Hz, up to which the ear's scale is nearly even
FLOOR = 1e-7  # of a band's energy: samples of a 16-bit recording differ by 3e-5


@keras.saving.register_keras_serializable(package="dfd_tf")
class LogBands(keras.layers.Layer):
    """Logarithm of the energy in bands of the spectrum, in windows of time.

    Input samples (batch, n) in [-1, 1]; output (batch, windows, bands), float32 whatever the
    precision policy: energies span ten orders of magnitude. There are no weights.

    Args:
        bands: how many triangular filters there are, each from the centre of the one below to
            that of the one above.
        scale: on which the centres are evenly spaced from 0 Hz to half the rate: "linear", or
            "mel", on which f Hz are log(1 + f / 700).
        frame: samples in a window, under Hann's; 320 are 20 ms at 16 kHz.
        step: samples from one window to the next.
        fft: samples to which a window is filled with zeros, as many before as behind; windows begin
            as early and end as late as these fit in.
        rate: samples a second.
    """

    def __init__(
        self,
        bands: int = 70,
        scale: str = "linear",
        frame: int = 320,
        step: int = 160,
        fft: int = 512,
        rate: int = 16_000,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.bands, self.scale, self.frame, self.step = bands, scale, frame, step
        self.fft, self.rate = fft, rate
        self.filters = triangles(bands, scale, fft, rate)

    def call(self, samples: Any) -> Any:
        """Return the logarithms."""
        real, imaginary = ops.stft(
            samples, self.frame, self.step, self.fft, window="hann", center=False
        )
        power = ops.square(real) + ops.square(imaginary)  # (batch, windows, fft / 2 + 1)
        return ops.log(ops.matmul(power, self.filters) + FLOOR)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, windows, bands)."""
        batch, n = input_shape
        windows = None if n is None else 1 + (n - self.fft) // self.step
        return batch, windows, self.bands

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        names = ("bands", "scale", "frame", "step", "fft", "rate")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="dfd_tf")
class Cepstra(keras.layers.Layer):
    """Cepstral coefficients of log energies, with their first and second slopes in time.

    Input (batch, windows, bands); output (batch, windows, 3 x coefficients), float32: the first
    coefficients of the orthonormal DCT-II over the bands, their slopes, and the slopes of these.
    On linear bands they are the LFCC of the field (Sahidullah et al., Interspeech 2015). A slope
    is the regression over two windows before and two after; the first and last window are
    repeated beyond the ends.

    Args:
        coefficients: how many are kept, from the zeroth on.
    """

    def __init__(self, coefficients: int = 20, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.coefficients = coefficients

    def call(self, bands: Any) -> Any:
        """Return coefficients, slopes and slopes of slopes."""
        static = ops.matmul(bands, cosines(bands.shape[-1], self.coefficients))
        first = _slopes(static)
        return ops.concatenate([static, first, _slopes(first)], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, windows, 3 x coefficients)."""
        return *input_shape[:2], 3 * self.coefficients

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "coefficients": self.coefficients}


@keras.saving.register_keras_serializable(package="dfd_tf")
class Standardised(keras.layers.Layer):
    """Every feature with its mean over time taken away, and divided by its deviation.

    A microphone's and a room's colouring is the same at all times: it is part of the mean. Input
    and output (batch, windows, features), float32.

    Args:
        divide: by the deviation as well.
    """

    def __init__(self, divide: bool = True, dtype: Any = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.divide = divide

    def call(self, features: Any) -> Any:
        """Return the standardised features."""
        centred = features - ops.mean(features, axis=1, keepdims=True)
        if not self.divide:
            return centred
        return centred / ops.sqrt(ops.mean(ops.square(centred), axis=1, keepdims=True) + 1e-5)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "divide": self.divide}


def triangles(bands: int, scale: str, fft: int, rate: int) -> NDArray[np.float32]:
    """Weights of triangular filters, shape (fft / 2 + 1, bands), each 1 at its centre."""
    even, top = np.linspace(0, 1, bands + 2), rate / 2
    corners = MEL * ((1 + top / MEL) ** even - 1) if scale == "mel" else top * even
    bins = np.arange(fft // 2 + 1)[:, None] * rate / fft
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype("float32")


def cosines(bands: int, coefficients: int) -> NDArray[np.float32]:
    """The orthonormal DCT-II as a matrix, shape (bands, coefficients)."""
    angles = np.pi / bands * (np.arange(bands)[:, None] + 0.5) * np.arange(coefficients)
    matrix = np.sqrt(2 / bands) * np.cos(angles)
    matrix[:, 0] /= np.sqrt(2)
    return matrix.astype("float32")


def _slopes(features: Any) -> Any:
    """Regression over five windows: (f[t+1] - f[t-1] + 2 (f[t+2] - f[t-2])) / 10."""
    first, last = features[:, :1], features[:, -1:]
    padded = ops.concatenate([first, first, features, last, last], axis=1)
    return (padded[:, 3:-1] - padded[:, 1:-3] + 2 * (padded[:, 4:] - padded[:, :-4])) / 10
