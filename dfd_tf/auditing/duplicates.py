"""Images that a dataset holds more than once, and where their copies stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dfd_tf.auditing.image_hash import NEAR, Hashes, near_pairs

EXACT, NEARLY = "exact", "near"
COLUMNS = ["cluster", "kind", "source", "split", "label", "file", "path", "sha256"]


def find_duplicates(images: pd.DataFrame, hashes: Hashes, distance: int = NEAR) -> pd.DataFrame:
    """Group the images that are the same or look the same.

    Look-alikes of look-alikes stand in one cluster, so its ends may differ in more bits.

    Args:
        images: table with source, split, label, file, path and sha256.
        hashes: difference hash of each row, shape (n, 4).
        distance: how many of the 256 bits may differ.

    Returns:
        `COLUMNS` for each image that is not alone, by cluster, under the index of `images`;
        ``kind`` is "exact" where all files of the cluster are equal byte for byte, else "near".
    """
    looks, look_of = np.unique(hashes, axis=0, return_inverse=True)
    pairs, _ = near_pairs(looks, distance)
    # Equal bytes have equal looks, so the looks are all the nodes that are needed.
    clusters = pd.Series(_components(pairs, len(looks))[look_of.ravel()], index=images.index)
    shared = clusters.duplicated(keep=False)
    table = images[shared].assign(cluster=pd.factorize(clusters[shared])[0] + 1)
    contents = table.groupby("cluster")["sha256"].transform("nunique")
    table["kind"] = np.where(contents == 1, EXACT, NEARLY)
    return table[COLUMNS].sort_values(["cluster", "source", "split", "label", "file"])


def crossings(duplicates: pd.DataFrame) -> pd.DataFrame:
    """For each cluster: ``kind``, ``images``, and how many ``splits`` and ``labels`` it spans."""
    clusters = duplicates.groupby("cluster")
    return clusters.agg(
        kind=("kind", "first"),
        images=("file", "size"),
        splits=("split", "nunique"),
        labels=("label", "nunique"),
    )


def shared_groups(images: pd.DataFrame) -> list[str]:
    """The groups that have images in more than one split, sorted."""
    spread = images.groupby("group")["split"].nunique()
    return sorted(spread.index[spread > 1])


def independent_groups(images: pd.DataFrame, duplicates: pd.DataFrame) -> pd.Series:
    """The groups of the images, those of look-alikes merged, as a number for each image."""
    groups = pd.Series(pd.factorize(images["group"])[0], index=images.index)
    n_groups = int(groups.max()) + 1
    clusters = n_groups + duplicates["cluster"] - 1  # nodes beside those of the groups
    edges = np.stack([groups[duplicates.index], clusters], axis=1)
    merged = _components(edges, n_groups + duplicates["cluster"].nunique())
    return groups.map(dict(enumerate(merged)))


def _components(edges: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """(n,) number of the connected component of each node, given (m, 2) edges."""
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
