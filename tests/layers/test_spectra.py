"""Log energies and cepstra against NumPy and SciPy, which compute them another way."""

import keras
import numpy as np
import pytest
from scipy.fft import dct, rfft
from scipy.signal.windows import hann

from dfd_tf.layers import Cepstra, LogBands, Standardised
from dfd_tf.layers.spectra import FLOOR, triangles


@pytest.fixture(scope="module")
def samples():
    return (0.2 * np.random.default_rng(0).standard_normal((2, 4000))).astype("float32")


def log_energies(samples, filters):
    starts = range(96, samples.shape[1] - 416 + 1, 160)
    windows = np.stack([samples[:, s : s + 320] for s in starts], axis=1) * hann(320, sym=False)
    return np.log(np.abs(rfft(windows, 512)) ** 2 @ filters + FLOOR)


@pytest.mark.parametrize(("scale", "bands"), [("linear", 70), ("mel", 64)])
def test_log_energies_as_numpy_computes_them(samples, scale, bands):
    layer = LogBands(bands, scale)
    found = np.array(layer(samples))
    expected = log_energies(samples, triangles(bands, scale, 512, 16_000))
    assert found.shape == layer.compute_output_shape(samples.shape) == (2, 22, bands)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_tone_is_in_its_band():
    centres = np.arange(1, 71) * 8000 / 71
    tone = 0.1 * np.sin(2 * np.pi * centres[30] * np.arange(3200) / 16_000)
    energies = np.array(LogBands()(tone[None].astype("float32")))
    assert (energies.argmax(axis=-1) == 30).all()


def test_linear_filters_are_triangles_that_sum_to_one():
    filters = triangles(7, "linear", 16, 16_000)  # bins and corners are the same here
    np.testing.assert_allclose(filters, np.eye(9)[:, 1:-1], atol=1e-6)
    inner = triangles(70, "linear", 512, 16_000).sum(axis=1)[8:-8]
    np.testing.assert_allclose(inner, 1, atol=1e-5)


def test_mel_bands_widen():
    widths = (triangles(64, "mel", 512, 16_000) > 0).sum(axis=0)
    assert widths[-1] > 4 * widths[10]


def test_cepstra_are_scipys_dct():
    bands = np.random.default_rng(1).standard_normal((2, 30, 70)).astype("float32")
    found = np.array(Cepstra(20)(bands))
    assert found.shape == (2, 30, 60)
    expected = dct(bands, norm="ortho", axis=-1)[..., :20]
    np.testing.assert_allclose(found[..., :20], expected, atol=1e-4)


def test_slopes_of_a_line_and_of_a_parabola():
    time = np.arange(20.0)
    for values, slope, bend in ((3 * time, 3, 0), (time**2, 2 * time, 2)):
        bands = np.repeat(values[None, :, None], 4, axis=2).astype("float32")
        zeroth, first, second = np.array(Cepstra(1)(bands))[0].T
        inner = slice(4, -4)
        np.testing.assert_allclose(zeroth, 2 * values, atol=1e-4)  # norm of four ones
        np.testing.assert_allclose(first[inner], (2 * slope * np.ones(20))[inner], atol=1e-4)
        np.testing.assert_allclose(second[inner], (2 * bend * np.ones(20))[inner], atol=1e-4)


def test_a_steady_colouring_is_taken_away(samples):
    energies = np.array(LogBands()(samples))
    coloured = energies + np.linspace(-5, 5, 70, dtype="float32")
    layer = Standardised()
    np.testing.assert_allclose(layer(coloured), layer(energies), atol=1e-3)
    assert np.array(layer(energies)).std(axis=1) == pytest.approx(1, abs=1e-3)
    assert np.array(Standardised(divide=False)(energies)).std() != pytest.approx(1, abs=0.1)


def test_silence_is_finite():
    features = Standardised()(Cepstra()(LogBands()(np.zeros((1, 1600), "float32"))))
    assert np.isfinite(np.array(features)).all()


@pytest.mark.parametrize("layer", [LogBands(64, "mel"), Cepstra(13), Standardised(divide=False)])
def test_config_round_trip(layer):
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.get_config() == layer.get_config()
