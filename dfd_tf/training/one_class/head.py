"""One-class detection above frozen layers: a sphere that learns, or a closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from dfd_tf.config import PRETRAINED
from dfd_tf.detectors.features import EMBEDDING, features_of_files, features_of_views
from dfd_tf.errors import UserError
from dfd_tf.models.backbone import backbone_and_head
from dfd_tf.one_class.heads import NORM
from dfd_tf.one_class.objectives import centre_of
from dfd_tf.training.batches import EpochBatches, order_by_epoch
from dfd_tf.training.context import RunContext, Trained
from dfd_tf.training.fit import Figures, fit
from dfd_tf.training.frozen.feature_cache import CachedBackbone
from dfd_tf.training.frozen.head import logits_of_features, photo_batches, without_freezing
from dfd_tf.training.networks import in_float32, start_network
from dfd_tf.training.one_class.anomaly_scale import rescale, scale_of
from dfd_tf.training.one_class.collapse import one_class_figures
from dfd_tf.training.one_class.network import check, objective_of, radius_of
from dfd_tf.training.run_folder import HISTORY

Features = NDArray[np.float32]


def fit_one_class_head(context: RunContext) -> Trained:
    """Teach a head what the features of real photos are like; return the detector in float32.

    As in `fit_one_class` all epochs are trained and the last weights kept; a head in closed form
    has none.

    Raises:
        UserError: see `fit_one_class`; or the configuration asks for passes of changed photos.
    """
    config, preprocessing, valid = context.config, context.preprocessing, context.valid
    if context.cache is None:
        raise UserError(
            "a one-class head above frozen layers learns from photos as they are judged: set "
            "train.feature_passes to 0."
        )
    assert config.one_class is not None
    model = start_network(config, context.precision)
    check(model, config.one_class)
    rescale(model, 0.0, 1.0)
    backbone, head = backbone_and_head(model, config.model.name)
    cached = context.cache.of(backbone)
    of_valid = features_of_views(
        cached, preprocessing, list(valid.path), progress=context.reporter.progress
    )
    if config.train.init == PRETRAINED:  # a head that is trained on keeps what was laid
        lay(model, backbone.output, _shown(context, cached), config.seed)
    model.get_layer(NORM).trainable = False
    watched = _Head(model, head, backbone.output, of_valid, valid)
    radius = None
    if has_layer(model, "departure"):
        lay_usual(model, backbone.output, of_valid[valid.label.to_numpy() == 0])
        figures = watched.figures(watched.log_scores(), valid)
        history = pd.DataFrame([{"epoch": 1, **figures}])
        history.to_csv(context.folder / HISTORY, index=False)
    else:
        radius, history = watched.learn(context, photo_batches(context, cached))
    rescale(model, *scale_of(watched.log_scores(), valid.label.to_numpy(), radius))
    return Trained(in_float32(config, model), history)


@dataclass(frozen=True)
class _Head:
    """A detector's head, and the validation photos' features to watch it by.

    Attributes:
        model: the detector.
        head: its part from the features on.
        entry: tensor of the detector that holds the features.
        of_valid: features, (n, views, features).
        valid: their table.
    """

    model: keras.Model
    head: keras.Model
    entry: Any
    of_valid: Features
    valid: pd.DataFrame

    def log_scores(self) -> NDArray[np.float64]:
        return logits_of_features(self.head, self.of_valid)

    def figures(self, log_scores: NDArray[np.float64], valid: pd.DataFrame) -> Figures:
        return one_class_figures(log_scores, valid, self.model)

    def learn(
        self, context: RunContext, batches: EpochBatches
    ) -> tuple[float | None, pd.DataFrame]:
        """Train it; return where its soft boundary ended, if it has one, and the history."""
        config = context.config
        assert config.one_class is not None
        objective = objective_of(self.model, config.one_class, batches.steps, self.entry)
        history = fit(
            objective,
            context,
            batches,
            lambda _: self.log_scores(),
            options=without_freezing(config),
            figures_of=self.figures,
            keep_last=True,
        )
        return radius_of(objective, config.one_class, context.reporter), history


def lay(model: keras.Model, entry: Any, reals: Features, seed: int = 0) -> None:
    """Give a head what it takes from features of real photos without gradients.

    Args:
        model: one-class detector with a head of `one_class.heads`.
        entry: tensor in it that holds the features.
        reals: features, (n, features).
        seed: of the search for principal components.
    """
    norm = model.get_layer(NORM)
    seen = _part(entry, norm.input, reals)
    norm.set_weights([seen.mean(axis=0), seen.var(axis=0)])
    if has_layer(model, "distance"):
        embedding = model.get_layer(EMBEDDING)
        embedded = _part(entry, embedding.output, reals)
        # DeepSAD weighs d of photos against 1 / d of fakes, which only meet where d is about 1.
        scale = 1 / np.sqrt(embedded.var(axis=0).sum())
        embedding.kernel.assign(scale * keras.ops.convert_to_numpy(embedding.kernel))
        model.get_layer("distance").centre.assign(centre_of(scale * embedded))
    else:
        error = model.get_layer("error")
        components = PCA(error.rank, svd_solver="randomized", random_state=seed)
        error.directions.assign(components.fit(_part(entry, norm.output, reals)).components_.T)


def lay_usual(model: keras.Model, entry: Any, reals: Features) -> None:
    """Set the usual error to the median of real photos that no direction was fitted to.

    Args:
        model: with a layer "departure".
        entry: tensor in it that holds the features.
        reals: features of every view, (n, views, features).
    """
    errors = _part(entry, model.get_layer("error").output, reals.reshape(-1, reals.shape[-1]))
    model.get_layer("departure").usual.assign(np.median(errors))


def has_layer(model: keras.Model, name: str) -> bool:
    """Whether a model has a layer of this name."""
    return name in [layer.name for layer in model.layers]


def _shown(context: RunContext, backbone: CachedBackbone) -> Features:
    """Features of real photos, as often as an epoch of all of them shows each."""
    train = context.train
    reals = train[train.label == 0].reset_index(drop=True)
    config = context.config.replace({"train.images_per_epoch": len(reals)})
    order = order_by_epoch(config, reals)[0](0)
    return features_of_files(backbone, context.preprocessing, list(reals.path))[order]


def _part(entry: Any, output: Any, features: Features) -> Features:
    """What a head computes on its way, from one of its tensors to another."""
    if output is entry:
        return features
    part = keras.Model(entry, output)
    return np.asarray(part.predict(features, batch_size=256, verbose=0), np.float32)
