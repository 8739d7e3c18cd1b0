import numpy as np
import pytest

from dfd_tf.explaining.sanity import Sanity, check, rank_correlation

SIZE = 64
BOX = np.s_[:, 8:28, 32:52]


@pytest.fixture(scope="module")
def squares():
    return np.random.default_rng(1).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)


def score(squares):
    """A detector of sharpness that looks at one box only."""
    return squares[BOX].astype(float).std(axis=(1, 2, 3)) / 10


def box_map():
    heat = np.zeros((2, SIZE, SIZE), np.float32)
    heat[BOX] = 1
    return heat


def noise_maps(n=2):
    return list(np.random.default_rng(2).random((n, 2, SIZE, SIZE), dtype=np.float32))


def test_a_perfect_map_falls_and_rises_long_before_random_ones(squares):
    found = check(box_map(), noise_maps(), squares, score)
    assert found.deletion < 0.5 * found.deletion_random
    assert found.insertion > 1.3 * found.insertion_random
    assert abs(found.rank_correlation) < 0.2
    assert found.failures == []


def test_a_map_of_the_wrong_place_is_flagged(squares):
    found = check(1 - box_map(), noise_maps(), squares, score)
    assert found.deletion > found.deletion_random
    assert any("Blurring" in sentence for sentence in found.failures)


def test_a_map_that_random_weights_draw_as_well_is_flagged(squares):
    found = check(box_map(), [box_map()], squares, score)
    assert found.rank_correlation == pytest.approx(1)
    assert any("Random weights" in sentence for sentence in found.failures)


def test_an_empty_map_is_flagged(squares):
    found = check(np.zeros((2, SIZE, SIZE), np.float32), noise_maps(), squares, score)
    assert found.rank_correlation == 0
    assert len(found.failures) == 1
    assert "empty" in found.failures[0]


def test_figures_repeat(squares):
    assert check(box_map(), noise_maps(), squares, score) == check(
        box_map(), noise_maps(), squares, score
    )


def test_areas_are_mean_logits_between_the_ends(squares):
    def constant(squares):
        return np.full(len(squares), 3.0)

    found = check(box_map(), noise_maps(), squares, constant)
    assert found == Sanity(pytest.approx(found.rank_correlation), 3, 3, 3, 3)


def test_rank_correlation_sees_order_only_and_sign():
    heat = np.random.default_rng(3).random((1, SIZE, SIZE), dtype=np.float32)
    patches = np.kron(heat[:, ::4, ::4], np.ones((4, 4), np.float32))
    assert rank_correlation(patches, np.exp(3 * patches)) == pytest.approx(1)
    assert rank_correlation(patches, -patches) == pytest.approx(-1)
