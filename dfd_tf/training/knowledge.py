"""Lay down what a detector has learned: features of known photos, to tell what is unlike them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.features import feature_model, features_of_files, has_features
from dfd_tf.detectors.knowledge import Knowing, distance_model
from dfd_tf.reporter import Reporter
from dfd_tf.training.frozen.feature_cache import CachedDetector
from dfd_tf.types import REAL

# Of each class, from all sources alike.
KNOWN_PHOTOS = 400
MOST_DIRECTIONS = 16
NEIGHBOURS = 5
BYTES = 80_000  # of directions and photos together; wide features get fewer directions
BYTES_A_NUMBER = 2


def learn_known(
    scorer: keras.Model | CachedDetector,
    preprocessing: Preprocessing,
    train: pd.DataFrame,
    seed: int,
    reporter: Reporter,
) -> keras.Model | None:
    """From a detector's features to the distances from the photos that it was trained on.

    Args:
        scorer: the detector's network, or its head on a cached backbone.
        preprocessing: how images become inputs.
        train: table of the training images with path, label and source.
        seed: of the choice among them.
        reporter: shows how far it has come.

    Returns:
        See `detectors.knowledge.distance_model`; None for a network without a vector of features
        before its logit, or without training photos of both classes.
    """
    network = scorer.head if isinstance(scorer, CachedDetector) else scorer
    if not has_features(network) or train.label.nunique() < 2:
        return None
    shown = _chosen(train, seed)
    vectors = features_of_files(
        _features(scorer),
        preprocessing,
        list(shown.path),
        progress=reporter.progress,
        description="what it knows",
    )
    good = np.isfinite(vectors).all(axis=1)
    return lay(vectors[good], shown.label.to_numpy()[good])


def knowing(scorer: Any, known: keras.Model | None) -> Any:
    """The scorer, with the distances among its answers if there are any."""
    if known is None:
        return scorer
    if isinstance(scorer, CachedDetector):
        return CachedDetector(scorer.cache, Knowing(scorer.head, known))
    return Knowing(scorer, known)


def lay(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> keras.Model:
    """The distances from vectors of features, (n, features), of real and fake photos."""
    n, features = vectors.shape
    affordable = BYTES // BYTES_A_NUMBER // (features + n)
    rank = max(1, min(MOST_DIRECTIONS, affordable, features, n - 1))
    centre = vectors.mean(axis=0)
    scale = np.array(vectors.std() or 1.0)
    directions = PCA(rank, svd_solver="full").fit((vectors - centre) / scale).components_.T
    reals = int((labels == REAL).sum())
    sizes = {"rank": rank, "reals": reals, "fakes": n - reals, "neighbours": NEIGHBOURS}
    model = distance_model(features, **sizes)
    layer = model.get_layer("known")
    nothing = [np.zeros((count, rank)) for count in (reals, n - reals)]
    layer.set_weights([centre, scale, directions, *nothing])
    # As the layer itself projects them, in half precision.
    places = np.asarray(layer.projected(vectors))
    layer.set_weights([centre, scale, directions, places[labels == REAL], places[labels != REAL]])
    return model


def _chosen(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """As many photos of each class from every source."""
    each = max(1, KNOWN_PHOTOS // train.source.nunique())
    shuffled = train.sample(frac=1, random_state=seed)
    return shuffled.groupby(["source", "label"]).head(each)


def _features(scorer: keras.Model | CachedDetector) -> Any:
    """What makes features of squares, as `features_of_files` calls it."""
    if isinstance(scorer, CachedDetector):
        return CachedDetector(scorer.cache, feature_model(scorer.head))
    return feature_model(scorer)
