"""Weights stored in fewer bits, on a converted file: TensorFlow has no part in it."""

import keras
import numpy as np
import pytest

from dfd_tf.detectors.scoring import score_squares
from dfd_tf.errors import UserError
from dfd_tf.exporting.kernels import (
    Kernel,
    Stored,
    find_kernels,
    store,
    unpack,
    weight_types,
    with_values,
)
from dfd_tf.exporting.metadata import operations, read_metadata
from dfd_tf.exporting.mixed import Choice, choose, quantize_weights
from dfd_tf.exporting.rounding import input_moments, to_int8
from dfd_tf.lite import LiteModel


@pytest.fixture(scope="module")
def squares():
    return np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def kernels(lite_file):
    return find_kernels(unpack(lite_file))


def logits(content, squares):
    return score_squares(LiteModel(content), squares)


def test_finds_the_weights_of_every_layer(detector, kernels):
    sizes = [w.size for w in detector.model.get_weights() if w.ndim > 1]
    assert sorted(kernel.values.size for kernel in kernels) == sorted(sizes)


def test_stored_as_it_is_a_file_says_the_same(lite_file, kernels, squares):
    same = store(lite_file, {k.tensor: (k, Stored(k.values)) for k in kernels})
    np.testing.assert_array_equal(logits(same, squares), logits(lite_file, squares))


@pytest.mark.parametrize(
    ("form", "share", "difference"), [("float16", 0.52, 0.01), ("int8", 0.28, 0.3)]
)
def test_the_file_computes_with_the_stored_weights(
    lite_file, kernels, squares, form, share, difference
):
    stored = {
        k.tensor: (k, to_int8(k) if form == "int8" else Stored(k.values.astype(np.float16)))
        for k in kernels
    }
    small = store(lite_file, stored)
    assert weight_types(small) == {form: len(kernels)}
    assert "CUSTOM" not in operations(small)
    assert len(small) < share * len(lite_file) + 20_000
    got = logits(small, squares)
    # The same weights in float32: what DEQUANTIZE gives is what was meant.
    np.testing.assert_allclose(got, logits(with_floats(lite_file, stored), squares), atol=1e-5)
    assert 0 < np.abs(got - logits(lite_file, squares)).max() < difference


def with_floats(content, stored):
    for kernel, weights in stored.values():
        content = with_values(content, kernel, weights.values())
    return content


def test_compensated_rounding_changes_outputs_less():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 16)) + 0.1 * rng.normal(size=(500, 16))
    kernel = Kernel(0, 0, 0, rng.normal(size=(8, 1, 1, 16)).astype(np.float32), 0)
    exact = inputs @ kernel.values.reshape(8, 16).T
    errors = [
        np.square(inputs @ stored.values().reshape(8, 16).T - exact).mean()
        for stored in (to_int8(kernel), to_int8(kernel, inputs.T @ inputs))
    ]
    assert errors[1] < 0.6 * errors[0]


def test_moments_are_those_of_the_inputs(detector, lite_file, kernels, squares):
    moments = input_moments(lite_file, kernels, squares[:2])
    [found] = [
        moments[k.tensor] for k in kernels if k.tensor in moments and k.values.shape == (1, 300)
    ]
    features = detector.model.get_layer("logit").input
    rows = np.asarray(
        keras.Model(detector.model.input, features)(squares[:2].astype(np.float32), training=False)
    )
    np.testing.assert_allclose(found, rows.T @ rows, rtol=1e-3, atol=1e-3)


def choices(*pairs):
    return [Choice(Stored(np.zeros(size, np.int8)), error) for size, error in pairs]


def test_bytes_go_where_they_save_most():
    sensitive = choices((40, 0.0), (20, 0.1), (10, 9.0))
    robust = choices((400, 0.0), (200, 0.1), (100, 0.2))
    small = [choice.stored.size for choice in choose([sensitive, robust], 140)]
    assert small == [40, 100]
    assert [c.stored.size for c in choose([sensitive, robust], 119)] == [10, 100]
    assert [c.stored.size for c in choose([sensitive, robust], 10_000)] == [40, 400]


def test_fits_into_the_size_and_is_nearer_than_eight_bits(lite_file, kernels, squares):
    eight = store(lite_file, {k.tensor: (k, to_int8(k)) for k in kernels})
    limit = len(eight) + 40_000
    mixed = quantize_weights(lite_file, squares, limit)
    assert len(mixed) <= limit
    assert len(weight_types(mixed)) > 1
    expected = logits(lite_file, squares)
    far, near = (np.abs(logits(c, squares) - expected).mean() for c in (eight, mixed))
    assert near < far / 2
    with pytest.raises(UserError, match="--max-mb"):
        quantize_weights(lite_file, squares, len(eight) // 2)


def test_keeps_its_description(lite_file, kernels, tmp_path):
    path = tmp_path / "small.tflite"
    path.write_bytes(store(lite_file, {k.tensor: (k, to_int8(k)) for k in kernels}))
    assert read_metadata(path)["labels"] == ["real", "fake"]
