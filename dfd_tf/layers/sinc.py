"""Band-pass filters on samples of sound: the fixed first layer of RawNet2 and AASIST."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dfd_tf.layers.spectra import MEL


@keras.saving.register_keras_serializable(package="dfd_tf")
class SincBands(keras.layers.Layer):
    """Samples in bands that are even on the mel scale; there are no weights.

    Input (batch, n); output (batch, n - taps + 1, bands), float32.

    Ravanelli, Bengio: "Speaker Recognition from Raw Waveform with SincNet", SLT 2018,
    arXiv:1808.00158; fixed, as in Tak et al. 2021, arXiv:2011.01108.

    Args:
        bands: how many.
        taps: odd length of a filter in samples.
        rate: samples a second.
    """

    def __init__(
        self,
        bands: int = 70,
        taps: int = 129,
        rate: int = 16_000,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.bands, self.taps, self.rate = bands, taps, rate
        self.filters = band_passes(bands, taps, rate)[:, None]  # (taps, 1, bands)

    def call(self, samples: Any) -> Any:
        """Return the samples of each band."""
        return ops.conv(samples[..., None], self.filters, padding="valid")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, n - taps + 1, bands)."""
        batch, n = input_shape
        return batch, None if n is None else n - self.taps + 1, self.bands

    def multiply_adds(self, input_shape: tuple[int, ...]) -> int:
        """Of the filters, for one recording."""
        return (input_shape[1] - self.taps + 1) * self.taps * self.bands

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        own = {"bands": self.bands, "taps": self.taps, "rate": self.rate}
        return {**super().get_config(), **own}


def band_passes(bands: int, taps: int, rate: int) -> NDArray[np.float32]:
    """Differences of two ideal low-passes under Hamming's window, shape (taps, bands)."""
    edges = MEL * ((1 + rate / 2 / MEL) ** np.linspace(0, 1, bands + 1) - 1) / rate
    time = np.arange(taps)[:, None] - (taps - 1) / 2
    low_passes = 2 * edges * np.sinc(2 * edges * time)
    return (np.hamming(taps)[:, None] * np.diff(low_passes, axis=1)).astype("float32")
