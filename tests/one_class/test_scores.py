import keras
import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.layers import HighPass
from dfd_tf.one_class.sampling import Sampling, divergence
from dfd_tf.one_class.scores import LogScore, ReconstructionError, SquaredDistance
from dfd_tf.one_class.traces import halvings, trace_input


def error(kind, one, other):
    pair = [np.asarray(x, dtype="float32") for x in (one, other)]
    return np.array(ReconstructionError(kind)(pair))


def test_squared_errors_by_hand():
    one, other = np.zeros((2, 2, 2, 1)), np.zeros((2, 2, 2, 1))
    other[0, 0, 0, 0] = 2.0
    other[1] = 3.0
    np.testing.assert_allclose(error("mse", one, other), [[1.0], [9.0]])
    np.testing.assert_allclose(error("rmse", one, other), [[1.0], [3.0]])


def test_high_pass_error_forgives_a_shift_of_brightness_and_sees_a_dot():
    flat, dot = np.zeros((1, 5, 5, 1)), np.zeros((1, 5, 5, 1))
    dot[0, 2, 2, 0] = 16.0
    assert error("high_pass", flat, flat + 0.5)[0, 0] == pytest.approx(0, abs=1e-12)
    # A dot of 16 keeps 16 - 4, its neighbours lose 2 and 1: (144 + 4 * 4 + 4 * 1) / 25.
    assert error("high_pass", flat, dot)[0, 0] == pytest.approx(164 / 25)


def test_structural_dissimilarity_is_that_of_scikit_like_formula():
    rng = np.random.default_rng(0)
    one, other = rng.uniform(-1, 1, (2, 1, 11, 11, 1))
    place = np.arange(11) - 5
    weights = np.exp(-(place**2) / (2 * 1.5**2))
    weights = np.outer(weights, weights) / weights.sum() ** 2
    a, b = one[0, :, :, 0], other[0, :, :, 0]
    mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
    covariance = (weights * a * b).sum() - mean_a * mean_b
    variances = (weights * a * a).sum() - mean_a**2 + (weights * b * b).sum() - mean_b**2
    c1, c2 = 0.02**2, 0.06**2
    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    similarity /= (mean_a**2 + mean_b**2 + c1) * (variances + c2)
    assert error("ssim", one, other)[0, 0] == pytest.approx(1 - similarity, abs=1e-5)
    assert error("ssim", one, one)[0, 0] == pytest.approx(0, abs=1e-5)
    with pytest.raises(UserError, match="at least 11"):
        error("ssim", one[:, :8], other[:, :8])


def test_distance_and_logit_by_hand():
    distance, logit = SquaredDistance(), LogScore()
    points = np.array([[0.1, 0.1], [3.1, 4.1]], dtype="float32")
    squared = np.array(distance(points))  # the centre starts at 0.1
    np.testing.assert_allclose(squared, [[0.0], [25.0]], atol=1e-6)
    logit.build((None, 1))
    logit.location.assign(2 * np.log(5.0))
    logit.slope.assign(3.0)
    scores = np.array(logit(np.array([[25.0], [25.0 * np.e], [24.0]], dtype="float32")))
    np.testing.assert_allclose(scores[:2], [[0.0], [3.0]], atol=1e-5)
    assert scores[2] < 0  # inside a sphere of radius 5
    assert not distance.trainable_weights + logit.trainable_weights


def test_divergence_by_hand_and_no_noise_outside_training():
    mean, log_variance = np.array([[1.0, 0.0]]), np.array([[0.0, np.log(2.0)]])
    expected = -0.5 * ((1 + 0 - 1 - 1) + (1 + np.log(2) - 0 - 2))
    assert float(divergence(mean, log_variance)) == pytest.approx(expected, rel=1e-6)
    layer = Sampling()
    moments = [mean.astype("float32"), log_variance.astype("float32")]
    np.testing.assert_array_equal(layer(moments), mean)
    assert not layer.losses
    drawn = np.array(layer([np.repeat(m, 4000, axis=0) for m in moments], training=True))
    np.testing.assert_allclose(drawn.mean(axis=0), [1, 0], atol=0.1)
    np.testing.assert_allclose(drawn.var(axis=0), [1, 2], rtol=0.1)
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


def test_high_pass_leaves_nothing_of_a_quadratic_surface_and_clips():
    y, x = np.mgrid[0:8, 0:8].astype("float32")
    surface = (x**2 - 3 * y * x + y + 7)[None, :, :, None]
    residual = np.array(HighPass("square")(surface))
    assert np.abs(residual[:, 1:-1, 1:-1]).max() < 1e-3
    noise = np.random.default_rng(0).normal(0, 50, (1, 8, 8, 3)).astype("float32")
    clipped = np.array(HighPass("square", step=4.0, limit=3.0)(noise))
    assert clipped.max() == 3.0
    assert clipped.min() == -3.0


@pytest.mark.parametrize(
    ("trace", "shape"),
    [
        ("pixels", (16, 16, 3)),
        ("residual", (16, 16, 3)),
        ("both", (16, 16, 6)),
        ("dct", (2, 2, 192)),
    ],
)
def test_traces_of_flat_grey(trace, shape):
    pixels, found = trace_input(16, trace)
    values = np.array(keras.Model(pixels, found)(np.full((1, 16, 16, 3), 127.5)))
    assert values.shape[1:] == shape
    expected = -1.0 if trace == "dct" else 0.0
    assert values[..., -1] == pytest.approx(expected, abs=1e-3)
    if trace == "dct":  # the mean of an 8x8 block is 8 times as large
        assert values[..., 0] == pytest.approx(0.5 * np.log1p(8 * 127.5) - 1, rel=1e-4)


def test_sizes_that_blocks_do_not_fill_are_refused():
    with pytest.raises(UserError, match="divisible by 8"):
        trace_input(20, "dct")


def test_halving_stops_where_too_little_would_remain():
    assert halvings(64, 4) == [2, 2, 2, 2]
    assert halvings(8, 4) == [2, 1, 1, 1]
    assert halvings(100, 4) == [2, 2, 1, 1]
