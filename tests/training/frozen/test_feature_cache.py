import keras
import numpy as np
import pytest

from dfd_tf.training.frozen.feature_cache import CachedBackbone, CachedDetector


class Counting:
    """A backbone that counts the squares it has seen, padding left out."""

    def __init__(self):
        pixels = keras.Input((4, 4, 3))
        self.model = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(pixels))
        self.output = self.model.output
        self.seen = 0

    def predict_on_batch(self, pixels):
        self.seen += int(pixels.any(axis=(1, 2, 3)).sum())
        return self.model.predict_on_batch(pixels)


@pytest.fixture(scope="module")
def backbone():
    return Counting()


def squares(n, seed=0):
    return np.random.default_rng(seed).integers(1, 256, (n, 4, 4, 3)).astype("float32")


def test_no_picture_is_computed_twice_not_even_by_the_next_run(backbone, tmp_path):
    pixels = squares(40)
    cached = CachedBackbone(backbone, tmp_path)
    before = backbone.seen
    found = cached.predict_on_batch(pixels)
    np.testing.assert_allclose(found, pixels.mean((1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(cached.predict_on_batch(pixels[::-1]), found[::-1])
    assert backbone.seen == before + 40
    cached.save()
    again = CachedBackbone(backbone, tmp_path)
    np.testing.assert_array_equal(again.predict_on_batch(pixels), found)
    assert backbone.seen == before + 40
    again.predict_on_batch(np.concatenate([pixels[:3], squares(2, seed=1)]))
    assert backbone.seen == before + 42


def test_pictures_that_come_twice_in_a_batch_are_one(backbone, tmp_path):
    before = backbone.seen
    pixels = squares(3)[[0, 1, 0, 2, 2]]
    found = CachedBackbone(backbone, tmp_path).predict_on_batch(pixels)
    np.testing.assert_allclose(found, pixels.mean((1, 2)), rtol=1e-5)
    assert backbone.seen == before + 3


def test_damaged_files_are_computed_anew(backbone, tmp_path):
    cached = CachedBackbone(backbone, tmp_path)
    found = cached.predict_on_batch(squares(2))
    cached.save()
    (path,) = tmp_path.glob("*.npz")
    for damaged in (path.read_bytes()[:100], b"", b"no zip file"):
        path.write_bytes(damaged)
        again = CachedBackbone(backbone, tmp_path)
        assert not again.rows
        np.testing.assert_array_equal(again.predict_on_batch(squares(2)), found)


def test_detector_scores_as_its_parts_together(backbone, tmp_path):
    features = keras.Input((3,))
    head = keras.Model(features, keras.layers.Dense(1)(features))
    detector = CachedDetector(CachedBackbone(backbone, tmp_path), head)
    whole = keras.Model(backbone.model.input, head(backbone.model.output))
    pixels = squares(5)
    np.testing.assert_allclose(
        detector.predict_on_batch(pixels), whole.predict_on_batch(pixels), rtol=1e-5
    )
