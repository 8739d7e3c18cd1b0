"""Training images as tf.data batches, the same for the same seed and epoch, on any machine.

All chance is drawn beforehand into a plan, one row for each image, so that the graph itself is
free of random state and an epoch can be repeated by itself after an interruption.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from dfd_tf.data.decode import read_image
from dfd_tf.data.degrade import DEGRADATIONS, degrade_randomly
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sampling import class_weights

Image = NDArray[np.uint8]


class ImageSource(Protocol):
    """Where fitted images come from by row number; see `dfd_tf.data.cache`."""

    def image(self, row: int) -> Image:
        """RGB image of a row of the table, after `Preprocessing.fit`."""


def plan_epoch(
    examples: pd.DataFrame,
    order: NDArray[np.int64],
    preprocessing: Preprocessing,
    chances: Mapping[str, float],
    *,
    seed: int,
    epoch: int,
) -> pd.DataFrame:
    """Draw crop, flip, turn and degradation for every image of an epoch.

    Args:
        examples: table with path, label, height, width and plain, as `check_files` returns it.
        order: row numbers to show.
        preprocessing: how images become inputs.
        chances: probability of "flip", "turn" and of each degradation.
        seed: seed of the run.
        epoch: number of the epoch.

    Returns:
        One row an image: path, row, label, top, left, flip, turns, kinds (bit i = the i-th of
        `DEGRADATIONS`), seed, direct. A `direct` image is a plain JPEG of which TensorFlow may
        decode just the crop.
    """
    rng = np.random.default_rng([seed, epoch, 1])
    shown = examples.iloc[order]
    fitted = np.array(
        [preprocessing.fitted_shape(h, w) for h, w in zip(shown.height, shown.width, strict=True)]
    )
    untouched = (fitted == shown[["height", "width"]].to_numpy()).all(axis=1)
    room = fitted - preprocessing.size + 1
    top, left = (rng.random((2, len(shown))) * room.T).astype(np.int32)
    return pd.DataFrame(
        {
            "path": shown.path.to_numpy(),
            "row": order,
            "label": shown.label.to_numpy(),
            "top": top,
            "left": left,
            "flip": rng.random(len(shown)) < chances.get("flip", 0.0),
            "turns": _turns(len(shown), chances.get("turn", 0.0), rng),
            "kinds": _kinds(len(shown), chances, rng),
            "seed": rng.integers(2**62, size=len(shown)),
            "direct": (shown.plain.to_numpy() & untouched & (preprocessing.policy == "crop")),
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
    crop = _cropper(preprocessing, source)

    def load(item: dict[str, Any]) -> tuple[Any, ...]:
        image = _orient(crop(item), item["flip"], item["turns"])
        image = _degrade(image, item["kinds"], item["seed"])
        image.set_shape((preprocessing.size, preprocessing.size, 3))
        label = item["label"][None]
        return (image, label, item["weight"][None]) if weighted else (image, label)

    dataset = tf.data.Dataset.from_tensor_slices(columns)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return dataset.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def _turns(n: int, chance: float, rng: np.random.Generator) -> NDArray[np.int32]:
    turned = rng.random(n) < chance
    return (rng.integers(1, 4, size=n) * turned).astype(np.int32)


def _kinds(n: int, chances: Mapping[str, float], rng: np.random.Generator) -> NDArray[np.int32]:
    limits = np.array([[chances.get(name, 0.0)] for name in DEGRADATIONS])
    struck = rng.random((len(DEGRADATIONS), n)) < limits
    bits = 1 << np.arange(len(DEGRADATIONS))
    return (bits @ struck).astype(np.int32)


def _cropper(preprocessing: Preprocessing, source: ImageSource | None) -> Any:
    size = preprocessing.size

    def cut(image: Image, top: int, left: int) -> Image:
        return image[top : top + size, left : left + size]

    def from_source(row: int, top: int, left: int) -> Image:
        assert source is not None
        return cut(source.image(row), top, left)

    def from_file(path: bytes, top: int, left: int) -> Image:
        return cut(preprocessing.fit(read_image(path.decode())), top, left)

    def crop(item: dict[str, Any]) -> Any:
        window = (item["top"], item["left"])
        if source is not None:
            return tf.numpy_function(from_source, (item["row"], *window), tf.uint8, stateful=False)
        return tf.cond(
            item["direct"],
            lambda: tf.io.decode_and_crop_jpeg(
                tf.io.read_file(item["path"]),
                (*window, size, size),
                channels=3,
                dct_method="INTEGER_ACCURATE",
            ),
            lambda: tf.numpy_function(from_file, (item["path"], *window), tf.uint8, stateful=False),
        )

    return crop


def _orient(image: Any, flip: Any, turns: Any) -> Any:
    image = tf.cond(flip, lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(turns > 0, lambda: tf.image.rot90(image, turns), lambda: image)


def _degrade(image: Any, kinds: Any, seed: Any) -> Any:
    """Only images that the plan marks leave the graph for NumPy."""

    def in_numpy(image: Image, kinds: int, seed: int) -> Image:
        named = [name for bit, name in enumerate(DEGRADATIONS) if kinds >> bit & 1]
        return degrade_randomly(image, named, np.random.default_rng(seed))

    return tf.cond(
        kinds > 0,
        lambda: tf.numpy_function(in_numpy, (image, kinds, seed), tf.uint8, stateful=False),
        lambda: image,
    )
