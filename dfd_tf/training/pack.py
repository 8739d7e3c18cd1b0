"""From trained weights to a bundle: calibrated, and described as its user must know it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from dfd_tf import calibration
from dfd_tf.bundle import Detector, save_bundle
from dfd_tf.config import PRETRAINED, RunConfig
from dfd_tf.data.decode import read_image
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.faces import FaceFinder, measure_framing
from dfd_tf.lite import lite_is_installed
from dfd_tf.pretrained import licence_of_weights, source_of
from dfd_tf.scoring import score_files
from dfd_tf.training.card import licence_of
from dfd_tf.training.dataset import RunData

N_FOR_FRAMING = 400
PERCENTILES = (80, 95, 99)


def pack(
    config: RunConfig,
    folder: Path,
    data: RunData,
    preprocessing: Preprocessing,
    model: keras.Model,
) -> Detector:
    """Calibrate a float32 model on the validation images and write its bundle.

    Args:
        config: of the run.
        folder: the bundle's, made if absent.
        data: of the run.
        preprocessing: how images become inputs.
        model: with its final weights.
    """
    valid = data.split("valid")
    logits, _ = score_files(model, preprocessing, valid.path)
    labels = valid.label.to_numpy()
    has_fakes = bool((labels == 1).any())
    fitted = calibration.fit(logits, labels) if has_fakes else calibration.fit_on_reals(logits)
    info = {
        "name": config.model.name,
        "architecture": config.model.name,
        "arguments": config.model.args,
        "preprocessing": preprocessing.to_dict(),
        "calibration": fitted.to_dict(),
        "framing": _framing(data.split("train"), config.seed),
        "data": {
            "fingerprint": data.fingerprint,
            "seed": config.seed,
            "valid_from_train": config.data.valid_from_train,
            "fold": config.data.fold,
            "counts": _counts(data.usable),
        },
        "licence": _licences(config, data),
    }
    if config.train.only_head:
        info["backbone"] = source_of(config.model.name)
    if config.one_class:
        scores = calibration.scores(logits[labels == 0], fitted)
        info["one_class"] = config.one_class.model_dump(mode="json") | {
            "percentiles_of_real_scores": {
                str(p): float(np.percentile(scores, p)) for p in PERCENTILES
            }
        }
    return save_bundle(folder, model, info)


def _framing(examples: pd.DataFrame, seed: int) -> dict[str, Any] | None:
    """How the training images show faces, each source heard alike; None without a finder."""
    if not lite_is_installed():
        return None
    n = max(1, N_FOR_FRAMING // examples.source.nunique())
    chosen = examples.sample(frac=1, random_state=seed).groupby("source").head(n)
    framing = measure_framing(map(read_image, chosen.path), FaceFinder())
    return framing.to_dict() if framing else None


def _licences(config: RunConfig, data: RunData) -> dict[str, str]:
    """Terms of the data and of the pretrained weights, if there are any."""
    licences = licence_of(sorted(data.usable.source.unique()))
    if config.train.init == PRETRAINED:
        licences["pretrained weights"] = licence_of_weights(config.model.name)
    return licences


def _counts(usable: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """Images by source, split and class."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for (source, split), part in usable.groupby(["source", "split"], sort=True):
        counts.setdefault(str(source), {})[str(split)] = {
            "real": int((part.label == 0).sum()),
            "fake": int((part.label == 1).sum()),
        }
    return counts
