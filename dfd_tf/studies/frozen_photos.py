"""The features that a frozen backbone gives of a study's photos, computed once and kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dfd_tf.config import RunConfig
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.features import features_of_files
from dfd_tf.errors import UserError
from dfd_tf.models import architecture
from dfd_tf.models.backbone import backbone_and_head
from dfd_tf.reporter import Reporter
from dfd_tf.studies.generators import Photos
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.networks import start_network


def frozen_photos(
    config: RunConfig, table: pd.DataFrame, cache: FeatureCache, reporter: Reporter
) -> Photos:
    """Photos with the features that the backbone of a configuration makes of them.

    Args:
        config: of a head on frozen features.
        table: see `Photos`; with path.
        cache: where features are kept, also for the next call.
        reporter: shows how far it has come; is told how many photos cannot be used.

    Raises:
        UserError: the configuration trains more than a head, or its weights are not at hand.
    """
    name = config.model.name
    if not config.train.only_head:
        raise UserError(
            f"the configuration of {name} trains the whole network; a study of generators takes "
            "those of heads on frozen features, such as clip_vit and dinov2."
        )
    network = architecture(name)
    preprocessing = Preprocessing(
        size=network.complete(config.model.args).get("input_size", network.input_size),
        policy=config.preprocess.policy,
        views=config.preprocess.views,
        grid=config.preprocess.grid,
    )
    backbone = cache.of(backbone_and_head(start_network(config, "float32"), name)[0])
    features = features_of_files(
        backbone, preprocessing, list(table.path), progress=reporter.progress, description=name
    )
    cache.save()
    good = np.asarray(np.isfinite(features).all(axis=1))
    if not good.all():
        reporter.say(f"{int((~good).sum())} photos cannot be used and are left out.")
    return Photos(table, features).of(good)
