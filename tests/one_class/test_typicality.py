import keras
import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.one_class.heads import sphere_head, typicality_head
from dfd_tf.one_class.typicality import Departure, PrincipalError
from dfd_tf.training.one_class.anomaly_scale import rescale
from dfd_tf.training.one_class.head import lay, lay_usual


def error_of(vectors, directions):
    layer = PrincipalError(directions.shape[1])
    layer.build((None, len(directions)))
    layer.directions.assign(directions)
    return np.array(layer(np.asarray(vectors, "float32")))


def test_error_by_hand():
    # The direction (0.6, 0.8, 0) keeps 5 of (3, 4, 2): (9 + 16 + 4 - 25) / 3 is left.
    found = error_of([[3, 4, 2], [6, 8, 0], [0, 0, 3]], np.array([[0.6], [0.8], [0.0]]))
    np.testing.assert_allclose(found, [[4 / 3], [0.0], [3.0]], atol=0.02)  # half precision
    np.testing.assert_allclose(error_of([[3, 4, 2]], np.zeros((3, 1))), [[29 / 3]], rtol=1e-6)


@pytest.mark.parametrize(
    ("side", "factors"), [("far", [0.5, 1, 4]), ("near", [2, 1, 0.25]), ("both", [2, 1, 4])]
)
def test_departure_by_hand(side, factors):
    layer = Departure(side)
    layer.build((None, 1))
    layer.usual.assign(2.0)
    found = np.array(layer(np.array([[1.0], [2.0], [8.0]], "float32")))
    np.testing.assert_allclose(found[:, 0], factors, rtol=1e-6)
    assert not layer.trainable_weights


def test_unknown_side_is_refused():
    with pytest.raises(UserError, match="'near', 'far', 'both'"):
        Departure("left")


def photos(n, seed):
    """Two strong directions, ten weak ones; offset and scale that standardising takes away."""
    rng = np.random.default_rng(seed)
    strong = rng.normal(size=(n, 2)) @ directions()
    return (7 + 5 * (strong + 0.2 * rng.normal(size=(n, 12)))).astype("float32")


def directions():
    return np.linalg.qr(np.random.default_rng(9).normal(size=(12, 2)))[0].T * 4


def test_laid_head_finds_what_is_too_usual_and_what_is_not_usual_enough():
    reals, others = photos(400, 0), photos(100, 1)
    mean = reals.mean(axis=0)
    rng = np.random.default_rng(2)
    smooth = (7 + 5 * rng.normal(size=(50, 2)) @ directions()).astype("float32")
    strange = others[:50] + 4 * rng.normal(size=(50, 12)).astype("float32")
    for side, is_found in (("near", (True, False)), ("far", (False, True)), ("both", (True, True))):
        features = keras.Input((12,))
        head = keras.Model(features, typicality_head(features, 2, side))
        lay(head, features, reals)
        lay_usual(head, features, others[:, None])
        errors = keras.Model(features, head.get_layer("error").output).predict(others, verbose=0)
        usual = float(head.get_layer("departure").usual)
        assert usual == pytest.approx(np.median(errors), rel=1e-5)
        threshold = np.quantile(head.predict(others, verbose=0), 0.95)
        for kind, found in zip((smooth, strange), is_found, strict=True):
            share = np.mean(head.predict(kind, verbose=0) > threshold)
            assert (share > 0.9) if found else (share < 0.1), (side, share)
        np.testing.assert_allclose(head.get_layer("seen_norm").get_weights()[0], mean, rtol=1e-4)


def test_sphere_has_no_bias_and_its_centre_is_the_mean_of_what_it_makes_of_photos():
    keras.utils.set_random_seed(0)
    features = keras.Input((12,))
    head = keras.Model(features, sphere_head(features, 8, 4, 0.5))
    assert [w.path.split("/")[-1] for w in head.trainable_weights] == ["kernel", "kernel"]
    reals = photos(200, 0)
    lay(head, features, reals)
    rescale(head, 0.0, 1.0)
    embedded = keras.Model(features, head.get_layer("embedding").output).predict(reals, verbose=0)
    centre = keras.ops.convert_to_numpy(head.get_layer("distance").centre)
    mean = embedded.mean(axis=0)
    expected = np.where(np.abs(mean) < 0.1, np.where(mean < 0, -0.1, 0.1), mean)
    np.testing.assert_allclose(centre, expected, atol=1e-5)
    assert embedded.var(axis=0).sum() == pytest.approx(1, rel=1e-4)
