"""What an epoch shows of each training image: all its chance, drawn beforehand.

One row an image, so that whatever makes batches of it is free of random state, gives the same
pixels for the same seed and epoch on any machine, and can repeat an epoch by itself after an
interruption.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf.data.batches.degradations.randomly import FIRST, augmenting, own_stream
from dfd_tf.data.batches.pseudo_fakes import PSEUDO_FAKES
from dfd_tf.data.batches.sampling import choose_twins
from dfd_tf.data.preprocess import Preprocessing


def plan_epoch(
    examples: pd.DataFrame,
    order: NDArray[np.int64],
    preprocessing: Preprocessing,
    augmentation: Mapping[str, float],
    pseudo_fakes: Mapping[str, float] | None = None,
    *,
    seed: int,
    epoch: int,
) -> pd.DataFrame:
    """Draw crop, flip, turn, degradation and forgery for every image of an epoch.

    Args:
        examples: table with path, label, height, width and plain, as `check_files` returns it.
        order: row numbers to show.
        preprocessing: how images become inputs.
        augmentation: probability of "flip", "turn" and of each degradation; under "zoom" the
            smallest share of the shorter side that a window takes where the policy is "resize";
            under "scale" the smallest share of its own scale at which a picture that is larger
            than the input is shown where the policy is "crop".
        pseudo_fakes: share of the epoch's fakes that each of `PSEUDO_FAKES` takes.
        seed: seed of the run.
        epoch: number of the epoch.

    Returns:
        One row an image: path, row, label, forged (0, or 1 + its place in `PSEUDO_FAKES`), top,
        left, side, flip, turns, kinds (bit i = the i-th of `augmenting()`), seed, direct. A
        `direct` image, a plain JPEG that needs neither fitting nor forging, is decoded by
        TensorFlow: just the window, where that is not scaled any more.
    """
    rng = np.random.default_rng([seed, epoch, 1])
    shares = [(pseudo_fakes or {}).get(name, 0.0) for name in PSEUDO_FAKES]
    labels = examples.label.to_numpy()[order]
    order, forged = choose_twins(order, labels, shares, seed=seed, epoch=epoch)
    shown = examples.iloc[order]
    stored = shown[["height", "width"]].to_numpy()
    fitted = np.array([preprocessing.fitted_shape(height, width) for height, width in stored])
    side = _sides(fitted.min(axis=1), preprocessing, augmentation.get("zoom", 1.0), rng)
    if preprocessing.policy == "crop" and augmentation.get("scale", 1.0) < 1:
        scales = own_stream("scale", seed, epoch).uniform(augmentation["scale"], 1, len(shown))
        # A wider window, which is shrunk to the input, shows the same face smaller.
        side = np.minimum(np.rint(side / scales), fitted.min(axis=1)).astype(np.int32)
    top, left = (rng.random((2, len(shown))) * (fitted.T - side + 1)).astype(np.int32)
    top, left = preprocessing.aligned(top), preprocessing.aligned(left)
    return pd.DataFrame(
        {
            "path": shown.path.to_numpy(),
            "row": order,
            "label": labels,
            "forged": forged.astype(np.int32),
            "top": top,
            "left": left,
            "side": side,
            "flip": rng.random(len(shown)) < augmentation.get("flip", 0.0),
            "turns": _turns(len(shown), augmentation.get("turn", 0.0), rng),
            "kinds": _kinds(len(shown), augmentation, rng, (seed, epoch)),
            "seed": rng.integers(2**62, size=len(shown)),
            "direct": shown.plain.to_numpy() & (fitted == stored).all(axis=1) & (forged == 0),
        }
    )


def _sides(
    short: NDArray[np.int64], preprocessing: Preprocessing, zoom: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    share = rng.uniform(zoom, 1.0, len(short))
    if preprocessing.policy == "crop":
        return np.full(len(short), preprocessing.size, dtype=np.int32)
    return np.maximum(np.rint(short * share), 1).astype(np.int32)


def _turns(n: int, chance: float, rng: np.random.Generator) -> NDArray[np.int32]:
    turned = rng.random(n) < chance
    return (rng.integers(1, 4, size=n) * turned).astype(np.int32)


def _kinds(
    n: int, chances: Mapping[str, float], rng: np.random.Generator, seeds: tuple[int, int]
) -> NDArray[np.int32]:
    struck = rng.random((len(FIRST), n)) < np.array([[chances.get(name, 0.0)] for name in FIRST])
    kinds = (1 << np.arange(len(FIRST))) @ struck
    for bit, name in enumerate(augmenting()):
        if name not in FIRST and chances.get(name):
            kinds |= (own_stream(name, *seeds).random(n) < chances[name]).astype(int) << bit
    return kinds.astype(np.int32)
