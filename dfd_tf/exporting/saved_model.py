"""A detector as a SavedModel: bytes of image files in, verdicts out, no dfd_tf needed."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tensorflow as tf

from dfd_tf.detectors.detector import Detector
from dfd_tf.exporting.graph.read import read_batch
from dfd_tf.exporting.graph.verdict import judge
from dfd_tf.exporting.warmup import write_warmup

FROM_BYTES, FROM_PIXELS = "serving_default", "pixels"


class ServedDetector(tf.Module):
    """A detector with its preprocessing and its verdict, as signatures.

    A plain module holds the weights once, where Keras' own export stores them twice.

    Attributes:
        card: detector.json, which the SavedModel carries among its assets.
    """

    def __init__(self, detector: Detector, card: Path) -> None:
        super().__init__()
        self._weights = [variable.value for variable in detector.answering.variables]
        self.card = tf.saved_model.Asset(str(card))
        self._define(detector)

    def _define(self, detector: Detector) -> None:
        """Signatures as attributes, so that the Keras model itself is not tracked and saved."""
        model, preprocessing = detector.answering, detector.preprocessing
        size = preprocessing.size

        @tf.function(
            input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")], autograph=False
        )
        def from_bytes(image_bytes: Any) -> dict[str, Any]:
            views, reasons = read_batch(image_bytes, preprocessing)
            squares = tf.reshape(tf.cast(views, tf.float32), [-1, size, size, 3])
            shape = [-1, preprocessing.views, model.output.shape[-1]]
            answers = tf.reduce_mean(tf.reshape(_answers(model, squares), shape), axis=1)
            usable = tf.where(reasons[:, None] == "", answers, float("nan"))
            return judge(usable, reasons, detector.info)

        @tf.function(
            input_signature=[tf.TensorSpec([None, size, size, 3], tf.float32, name="pixels")],
            autograph=False,
        )
        def from_pixels(pixels: Any) -> dict[str, Any]:
            answers = _answers(model, pixels)
            reasons = tf.fill(tf.shape(answers)[:1], "pixels that are not finite numbers")
            return judge(answers, reasons, detector.info)

        self.from_bytes, self.from_pixels = from_bytes, from_pixels


def _answers(model: Any, squares: Any) -> Any:
    """Answers, float64, (n, 1) or (n, 3).

    An empty batch, on which fused operations fail, is padded.
    """
    n = tf.shape(squares)[0]
    padded = tf.pad(squares, [[0, tf.cast(n == 0, tf.int32)], [0, 0], [0, 0], [0, 0]])
    return tf.cast(model(padded, training=False)[:n], tf.float64)


def save_saved_model(detector: Detector, folder: Path) -> None:
    """Write the SavedModel of a detector.

    Signature `serving_default` takes `image_bytes`, (n,) strings, each a whole image file;
    signature `pixels` takes `pixels`, float32 of shape (n, size, size, 3) in [0, 255], squares as
    `Preprocessing.views_of` cuts them. Both return (n,) each: `score`, `logit` (float32, NaN where
    there is no verdict), `verdict` and `reason` (strings).

    Args:
        detector: with a Keras model in float32.
        folder: made if absent; for TF Serving its name is the version, a whole number.
    """
    with TemporaryDirectory() as scratch:
        card = Path(scratch) / "detector.json"
        card.write_text(
            json.dumps(detector.info.to_dict(), indent=2, ensure_ascii=False), encoding="utf-8"
        )
        served = ServedDetector(detector, card)
        signatures = {FROM_BYTES: served.from_bytes, FROM_PIXELS: served.from_pixels}
        tf.saved_model.save(served, str(folder), signatures=signatures)
    write_warmup(folder, detector.info.name, detector.preprocessing)
