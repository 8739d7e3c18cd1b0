"""Classical one-class detectors on frozen features: is the deep one worth its while?

Fitted to real photos and scored in one go; nothing of them is stored.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

Features = NDArray[np.float32]
Scores = NDArray[np.float64]

NEIGHBOURS = 5
OUTSIDE = 0.1


def nearest_neighbours(reals: Features, photos: Features) -> Scores:
    """Mean distance to the five nearest real photos."""
    index = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(reals))).fit(reals)
    return np.asarray(index.kneighbors(photos)[0].mean(axis=1), np.float64)


def mahalanobis(reals: Features, photos: Features) -> Scores:
    """Squared Mahalanobis distance to the real photos' mean.

    The covariance is shrunk (Ledoit, Wolf 2004), since features may outnumber photos.
    """
    return np.asarray(LedoitWolf().fit(reals).mahalanobis(photos), np.float64)


def isolation_forest(reals: Features, photos: Features) -> Scores:
    """How easily random cuts isolate a photo (Liu et al. 2008)."""
    return -np.asarray(IsolationForest(random_state=0).fit(reals).score_samples(photos), np.float64)


def one_class_svm(reals: Features, photos: Features) -> Scores:
    """Signed distance outside the boundary of a one-class SVM (Schölkopf et al. 2001)."""
    machine = OneClassSVM(nu=OUTSIDE, gamma="scale").fit(reals)
    return -np.asarray(machine.decision_function(photos), np.float64)


BASELINES: dict[str, Callable[[Features, Features], Scores]] = {
    "k-nearest neighbours": nearest_neighbours,
    "Mahalanobis": mahalanobis,
    "Isolation Forest": isolation_forest,
    "one-class SVM": one_class_svm,
}


def baseline_scores(reals: Features, photos: Features) -> dict[str, Scores]:
    """Score photos by every baseline, higher = less like real photos.

    Args:
        reals: features of real training photos, (n, features), finite.
        photos: features of the photos to score, (m, features), finite.

    Returns:
        For each baseline (m,) scores, of which only the order means something.
    """
    scale = StandardScaler().fit(reals)
    reals, photos = scale.transform(reals), scale.transform(photos)
    return {name: score(reals, photos) for name, score in BASELINES.items()}
