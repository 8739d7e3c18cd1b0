"""Figures of a one-class training, and the alarm when it has found the trivial solution."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.errors import UserError
from dfd_tf.training.fit import Figures, auc_figures

# Far below what any working network shows, far above rounding in float32.
LEAST_SPREAD = 1e-4
LEAST_SHARE_OF_CENTRE = 1e-6


def one_class_figures(
    log_scores: NDArray[np.float64], valid: pd.DataFrame, detector: keras.Model
) -> Figures:
    """Mean and standard deviation of the photos' log scores; AUC where there are fakes.

    Raises:
        UserError: the detector has collapsed, see `collapse_of`.
    """
    real = log_scores[valid.label.to_numpy() == 0]
    reason = collapse_of(real, centre_norm(detector))
    if reason:
        raise UserError(
            f"The training collapsed: {reason}. Such a detector tells nothing apart. Pre-train it "
            "longer (one_class.pretrain_epochs), lower train.learning_rate, or train fewer epochs."
        )
    figures = {"val_score": float(real.mean()), "val_spread": float(real.std())}
    has_both = valid.label.nunique() > 1
    return figures | (auc_figures(log_scores, valid) if has_both else {})


def collapse_of(log_scores: NDArray[np.float64], centre: float | None = None) -> str:
    """Say how a detector has become blind to its input; "" if it has not.

    Args:
        log_scores: (n,) logarithms of scores of different photos.
        centre: squared length of the centre, of detectors that have one.
    """
    if log_scores.std() < LEAST_SPREAD:
        return f"all photos have one score (standard deviation {log_scores.std():.1e} of its log)"
    share = np.exp(log_scores).mean() / centre if centre else np.inf
    if share < LEAST_SHARE_OF_CENTRE:
        return (
            "all photos are mapped onto the centre (mean squared distance "
            f"{share:.1e} of its squared length)"
        )
    return ""


def centre_norm(detector: keras.Model) -> float | None:
    """Squared length of a detector's centre; None if it has none."""
    names = [layer.name for layer in detector.layers]
    if "distance" not in names:
        return None
    return float(
        np.sum(np.square(keras.ops.convert_to_numpy(detector.get_layer("distance").centre)))
    )
