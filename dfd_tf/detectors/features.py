"""Vectors that a detector's network makes of images, for whatever is to be learned on top."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.audio.hearing import Hearing
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.reading import read_ahead
from dfd_tf.detectors.scoring import SOURCES_PER_BLOCK, reader_for
from dfd_tf.detectors.views import Squares
from dfd_tf.faces import whole
from dfd_tf.progress import progress_bar

EMBEDDING = "embedding"


def feature_model(model: keras.Model) -> keras.Model:
    """The part of a detector from pixels to its features, (batch, n).

    They are the layer "embedding" where there is one, else the last vector before the logit.
    """
    names = [layer.name for layer in model.layers]
    if EMBEDDING in names:
        return keras.Model(model.input, model.get_layer(EMBEDDING).output)
    vectors = [layer.output for layer in model.layers if len(layer.output.shape) == 2]
    return keras.Model(model.input, next(v for v in reversed(vectors) if v.shape[-1] > 1))


def has_features(model: keras.Model) -> bool:
    """Whether there are any, see `feature_model`."""
    return any(len(s) == 2 and s[-1] > 1 for s in (layer.output.shape for layer in model.layers))


def features_of_files(
    model: keras.Model,
    preprocessing: Preprocessing,
    paths: Sequence[str],
    *,
    progress: bool = False,
    description: str = "features",
) -> NDArray[np.float32]:
    """Features of image files, (n, features): the mean of `features_of_views`, as it is called."""
    views = features_of_views(
        model, preprocessing, paths, progress=progress, description=description
    )
    return np.asarray(views.mean(axis=1))


def features_of_views(
    model: keras.Model,
    preprocessing: Preprocessing,
    paths: Sequence[str],
    *,
    progress: bool = False,
    description: str = "features",
) -> NDArray[np.float32]:
    """Features of every view of image files, float32 (n, views, features).

    The arguments are those of `features_by_file`.
    """
    found = features_by_file(
        model, preprocessing, paths, progress=progress, description=description
    )
    return np.stack(found)


def features_by_file(
    model: keras.Model,
    inputs: Preprocessing | Hearing,
    paths: Sequence[str],
    *,
    progress: bool = False,
    description: str = "features",
) -> list[NDArray[np.float32]]:
    """Features of every view of each image, or window of each recording: (views, features).

    Args:
        model: from pixels, or samples, to features, such as `feature_model` gives.
        inputs: how images, or sound, become inputs.
        paths: of files.
        progress: whether to show a bar on stderr.
        description: what the bar says.

    Returns:
        NaN for a file that cannot be used, as many as an image has views.
    """
    reader = reader_for(model, inputs, whole)
    prepared = read_ahead(reader, paths, ahead=2 * SOURCES_PER_BLOCK)
    rows = []
    with progress_bar(len(paths), description, shown=progress) as bar:
        while block := list(islice(prepared, SOURCES_PER_BLOCK)):
            rows += _rows(model, [pieces[0].squares for pieces in block], inputs.views)
            bar.update(len(block))
    return rows


def _rows(
    model: keras.Model, squares: Sequence[Squares | None], views: int
) -> list[NDArray[np.float32]]:
    good = [views for views in squares if views is not None]
    nothing = np.full((views, model.output.shape[-1]), np.nan, dtype=np.float32)
    if not good:
        return [nothing] * len(squares)
    stacked = np.concatenate(good).astype(np.float32)
    # A recording may have any number of windows.
    size = SOURCES_PER_BLOCK * views
    calls = [stacked[i : i + size] for i in range(0, len(stacked), size)]
    vectors = np.concatenate([np.asarray(model.predict_on_batch(c), np.float32) for c in calls])
    found = iter(np.split(vectors, np.cumsum([len(each) for each in good])[:-1]))
    return [nothing if each is None else next(found) for each in squares]
