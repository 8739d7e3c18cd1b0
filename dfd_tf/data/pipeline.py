"""Training images as tf.data batches, the same for the same seed and epoch, on any machine.

All chance is drawn beforehand into a plan, one row for each image, so that the graph itself is
free of random state and an epoch can be repeated by itself after an interruption.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import cv2
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from dfd_tf.data.decode import read_image
from dfd_tf.data.degrade import DEGRADATIONS, degrade_randomly
from dfd_tf.data.preprocess import Preprocessing, Window
from dfd_tf.data.pseudo_fakes import PSEUDO_FAKES, forge
from dfd_tf.data.sampling import choose_twins, class_weights

Image = NDArray[np.uint8]

# tf.data runs one image a core; threads of OpenCV's own beside them only get in their way.
cv2.setNumThreads(1)


class ImageSource(Protocol):
    """Where fitted images come from by row number; see `dfd_tf.data.cache`."""

    def image(self, row: int) -> Image:
        """RGB image of a row of the table, after `Preprocessing.fit`."""


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
            smallest share of the shorter side that a window takes where the policy is "resize".
        pseudo_fakes: share of the epoch's fakes that each of `PSEUDO_FAKES` takes.
        seed: seed of the run.
        epoch: number of the epoch.

    Returns:
        One row an image: path, row, label, forged (0, or 1 + its place in `PSEUDO_FAKES`), top,
        left, side, flip, turns, kinds (bit i = the i-th of `DEGRADATIONS`), seed, direct. A
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
    top, left = (rng.random((2, len(shown))) * (fitted.T - side + 1)).astype(np.int32)
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
            "kinds": _kinds(len(shown), augmentation, rng),
            "seed": rng.integers(2**62, size=len(shown)),
            "direct": shown.plain.to_numpy() & (fitted == stored).all(axis=1) & (forged == 0),
        }
    )


def training_batches(
    plan: pd.DataFrame,
    preprocessing: Preprocessing,
    *,
    batch_size: int,
    source: ImageSource | None = None,
    weighted: bool = False,
) -> tf.data.Dataset:
    """Batches of an epoch: images uint8 (batch, size, size, 3), labels float32 (batch, 1).

    Args:
        plan: from `plan_epoch`.
        preprocessing: how images become inputs.
        batch_size: the last, smaller batch is dropped.
        source: a cache of decoded images; without it files are decoded at every epoch.
        weighted: a third element holds class weights.
    """
    columns = {name: plan[name].to_numpy() for name in plan}
    columns["label"] = columns["label"].astype(np.float32)
    if weighted:
        columns["weight"] = class_weights(plan.label.to_numpy())
    draw = _drawer(preprocessing, source)

    def load(item: dict[str, Any]) -> tuple[Any, ...]:
        image = _orient(draw(item), item["flip"], item["turns"])
        image.set_shape((preprocessing.size, preprocessing.size, 3))
        label = item["label"][None]
        return (image, label, item["weight"][None]) if weighted else (image, label)

    dataset = tf.data.Dataset.from_tensor_slices(columns)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return dataset.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


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


def _kinds(n: int, chances: Mapping[str, float], rng: np.random.Generator) -> NDArray[np.int32]:
    limits = np.array([[chances.get(name, 0.0)] for name in DEGRADATIONS])
    struck = rng.random((len(DEGRADATIONS), n)) < limits
    bits = 1 << np.arange(len(DEGRADATIONS))
    return (bits @ struck).astype(np.int32)


def _drawer(preprocessing: Preprocessing, source: ImageSource | None) -> Any:
    """Function from a row of the plan to an image: in the graph where it can, else in NumPy."""

    def cut(image: Image, window: Window, forged: int, seed: int) -> Image:
        if not forged:
            return window.cut(image)
        return forge(PSEUDO_FAKES[forged - 1], image, window, np.random.default_rng([seed, 1]))

    def finish(square: Image, kinds: int, seed: int) -> Image:
        named = [name for bit, name in enumerate(DEGRADATIONS) if kinds >> bit & 1]
        # At the image's own scale, where compression and blur happen in life.
        degraded = degrade_randomly(square, named, np.random.default_rng(seed)) if named else square
        return preprocessing.scale(degraded)

    def from_source(
        row: int, forged: int, top: int, left: int, side: int, kinds: int, seed: int
    ) -> Image:
        assert source is not None
        square = cut(source.image(row), Window(top, left, side), forged, seed)
        return finish(square, kinds, seed)

    def from_file(
        path: bytes, forged: int, top: int, left: int, side: int, kinds: int, seed: int
    ) -> Image:
        image = preprocessing.fit(read_image(path.decode()))
        return finish(cut(image, Window(top, left, side), forged, seed), kinds, seed)

    def in_graph(path: Any, top: Any, left: Any, side: Any, kinds: Any, seed: Any) -> Any:
        data = tf.io.read_file(path)
        exact = {"channels": 3, "dct_method": "INTEGER_ACCURATE"}
        square = tf.cond(
            side == preprocessing.size,
            lambda: tf.io.decode_and_crop_jpeg(data, (top, left, side, side), **exact),
            lambda: tf.io.decode_jpeg(data, **exact)[top : top + side, left : left + side],
        )
        finished = (kinds == 0) & (side == preprocessing.size)
        return tf.cond(finished, lambda: square, lambda: _in_numpy(finish, square, kinds, seed))

    def draw(item: dict[str, Any]) -> Any:
        rest = [item[name] for name in ("top", "left", "side", "kinds", "seed")]
        if source is not None:
            return _in_numpy(from_source, item["row"], item["forged"], *rest)
        return tf.cond(
            item["direct"],
            lambda: in_graph(item["path"], *rest),
            lambda: _in_numpy(from_file, item["path"], item["forged"], *rest),
        )

    return draw


def _in_numpy(function: Any, *arguments: Any) -> Any:
    return tf.numpy_function(function, arguments, tf.uint8, stateful=False)


def _orient(image: Any, flip: Any, turns: Any) -> Any:
    image = tf.cond(flip, lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(turns > 0, lambda: tf.image.rot90(image, turns), lambda: image)
