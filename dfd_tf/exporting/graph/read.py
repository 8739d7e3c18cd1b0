"""A batch of image files to views, each file with a reason where it cannot be judged."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.exporting.graph.decode import decode
from dfd_tf.exporting.graph.header import kind_of, read_header
from dfd_tf.exporting.graph.views import too_small, views_of


def read_batch(files: Any, preprocessing: Preprocessing) -> tuple[Any, Any]:
    """Read image files.

    A graph cannot catch an error, but a dataset can drop the element that raised one: so the batch
    runs through a dataset, and what is missing at its end could not be decoded.

    Args:
        files: (n,) strings, the bytes of the files.
        preprocessing: how images become inputs.

    Returns:
        views: uint8, shape (n, views, size, size, 3), zeros for a file without pixels.
        reasons: (n,) strings, "" for a judged file.
    """
    n = tf.shape(files)[0]
    nothing = tf.zeros([preprocessing.views, preprocessing.size, preprocessing.size, 3], tf.uint8)

    @tf.function  # for AutoGraph, which does not enter a dataset by itself
    def read(index: Any, data: Any) -> Any:
        header = read_header(data)
        reason, views = header.reason, nothing
        if reason == "":
            image = decode(data, header.kind, header.orientation)
            reason = too_small(image)
            if reason == "":
                views = views_of(preprocessing, image)
        return index, reason, views

    dataset = tf.data.Dataset.from_tensor_slices((tf.range(n), files))
    dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=False)
    # One element more, so that the batch below is never empty.
    end = tf.data.Dataset.from_tensors((n, tf.constant(""), nothing))
    dataset = dataset.ignore_errors().concatenate(end).batch(tf.cast(n, tf.int64) + 1)
    index, reasons, views = dataset.with_options(_plain()).get_single_element()
    places = index[:, None]
    views = tf.scatter_nd(places, views, tf.concat([[n + 1], tf.shape(nothing)], axis=0))[:n]
    undecodable = tf.map_fn(_undecodable, files, fn_output_signature=tf.string)
    reasons = tf.tensor_scatter_nd_update(tf.concat([undecodable, [""]], 0), places, reasons)[:n]
    return views, reasons


def _undecodable(data: Any) -> Any:
    """Why the decoder gave up on a file whose headers were in order."""
    kind = kind_of(data)
    word = tf.where((kind == "PNG") | (kind == "WebP"), "damaged ", "truncated ")
    return tf.strings.join([word, kind])


def _plain() -> tf.data.Options:
    """No rewriting of the dataset at every call: it costs more than it brings here."""
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return options
