"""What a training lays down of what it knows, with or without a cache of frozen features."""

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.features import feature_model
from dfd_tf.reporter import SILENT
from dfd_tf.training.frozen.feature_cache import CachedBackbone, CachedDetector
from dfd_tf.training.knowledge import BYTES, KNOWN_PHOTOS, knowing, lay, learn_known

PREPROCESSING = Preprocessing(size=32)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rows = []
    for number in range(24):
        path = folder / f"{number}.png"
        Image.fromarray(RNG.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
        rows.append((str(path), number % 2, "ab"[number // 16]))
    return pd.DataFrame(rows, columns=["path", "label", "source"])


@pytest.fixture(scope="module")
def parts():
    """A backbone and a head, and both as one network."""
    keras.utils.set_random_seed(0)
    pixels = keras.Input((32, 32, 3))
    backbone = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(pixels))
    features = keras.Input((3,))
    hidden = keras.layers.Dense(6, activation="relu")(features)
    head = keras.Model(features, keras.layers.Dense(1)(hidden))
    return backbone, head, keras.Model(pixels, head(backbone(pixels)))


def test_a_cached_head_answers_as_the_whole_network_does(train, parts, tmp_path):
    backbone, head, _ = parts
    cached = CachedDetector(CachedBackbone(backbone, tmp_path), head)
    known = learn_known(cached, PREPROCESSING, train, 0, SILENT)
    squares = RNG.integers(0, 256, (5, 32, 32, 3)).astype("float32")
    answers = knowing(cached, known).predict_on_batch(squares)
    vectors = feature_model(head).predict_on_batch(backbone.predict_on_batch(squares))
    assert vectors.shape == (5, 6)
    np.testing.assert_allclose(answers[:, 1:], known.predict_on_batch(vectors), rtol=1e-5)
    np.testing.assert_allclose(answers[:, :1], cached.predict_on_batch(squares), rtol=1e-5)


def test_one_class_alone_or_no_features_teach_nothing(train, parts):
    _, head, _ = parts
    pixels = keras.Input((32, 32, 3))
    maps = keras.layers.Conv2D(1, 32)(pixels)
    bare = keras.Model(pixels, keras.layers.Reshape((1,))(maps))
    assert learn_known(bare, PREPROCESSING, train, 0, SILENT) is None
    reals = train[train.label == 0]
    assert learn_known(head, PREPROCESSING, reals, 0, SILENT) is None


@pytest.mark.parametrize("features", [256, 1280, 4608])
def test_wide_features_get_fewer_directions_and_the_same_bytes(features):
    n = 2 * KNOWN_PHOTOS
    vectors = RNG.normal(size=(n, features)).astype("float32") * 1e5
    layer = lay(vectors, np.arange(n) % 2).get_layer("known")
    halves = [w for w in layer.get_weights() if w.dtype == np.float16]
    assert sum(w.nbytes for w in halves) <= BYTES
    assert layer.rank == {256: 16, 1280: 16, 4608: 7}[features]
    assert all(np.isfinite(w).all() for w in halves)
