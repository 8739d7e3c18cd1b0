import keras
import numpy as np
import pytest

from dfd_tf.layers import NeighbourDistance

RNG = np.random.default_rng(0)


def laid(reals, fakes, neighbours=2, rank=3, features=5):
    layer = NeighbourDistance(rank, reals, fakes, neighbours)
    layer.build((None, features))
    directions = np.linalg.qr(RNG.normal(size=(features, rank)))[0]
    known = RNG.normal(size=(reals, rank)), RNG.normal(size=(fakes, rank))
    layer.set_weights([RNG.normal(size=features), np.array(2.0), directions, *known])
    return layer


@pytest.mark.parametrize("fakes", [6, 0])
def test_it_is_the_mean_distance_to_the_nearest_known(fakes):
    layer = laid(7, fakes)
    centre, scale, directions, reals, known_fakes = (w.astype(float) for w in layer.get_weights())
    vectors = RNG.normal(size=(4, 5)).astype("float32")
    places = (vectors - centre) / scale @ directions

    def mean_of_nearest(known):
        distances = np.linalg.norm(places[:, None] - known[None], axis=-1)
        return np.sort(distances, axis=1)[:, :2].mean(axis=1)

    expected = [mean_of_nearest(reals), mean_of_nearest(known_fakes if fakes else reals)]
    np.testing.assert_allclose(layer(vectors), np.column_stack(expected), rtol=1e-4)


def test_its_file_keeps_the_numbers_and_is_small(tmp_path):
    vectors = keras.Input((1280,))
    model = keras.Model(vectors, NeighbourDistance(16, 400, 400)(vectors))
    photos = RNG.normal(size=(2, 1280)).astype("float32")
    model.save(tmp_path / "known.keras")
    again = keras.models.load_model(tmp_path / "known.keras")
    np.testing.assert_array_equal(
        again.predict(photos, verbose=0), model.predict(photos, verbose=0)
    )
    assert (tmp_path / "known.keras").stat().st_size < 100_000


def test_fewer_known_photos_than_neighbours_are_all_taken():
    layer = laid(1, 1, neighbours=5)
    assert np.isfinite(layer(np.zeros((2, 5), "float32"))).all()
