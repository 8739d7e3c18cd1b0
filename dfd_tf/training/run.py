"""A whole run: data, training, calibration, measurement, bundle, report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from dfd_tf import environment
from dfd_tf.audio.hearing import Hearing, hearing
from dfd_tf.config import RunConfig
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError
from dfd_tf.hardware import choose_precision
from dfd_tf.models import architecture
from dfd_tf.reporter import Reporter
from dfd_tf.training.context import RunContext, Trained
from dfd_tf.training.dataset import Found, RunData, gather
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.frozen.head import fit_head
from dfd_tf.training.lost_images import lost_images_named
from dfd_tf.training.measure import measure
from dfd_tf.training.one_class.head import fit_one_class_head
from dfd_tf.training.one_class.network import fit_one_class
from dfd_tf.training.pack import pack
from dfd_tf.training.processes.group import ALONE, Group
from dfd_tf.training.run_folder import (
    begin,
    check_data,
    check_folder,
    gone_if_it_fails_at_once,
)
from dfd_tf.training.supervised import fit_supervised


def train(
    config: RunConfig,
    folder: Path,
    *,
    resume: bool = False,
    reporter: Reporter | None = None,
    found: Found | None = None,
    cache: FeatureCache | None = None,
    group: Group = ALONE,
) -> dict[str, Any]:
    """Train, calibrate on validation, evaluate on test, write the run folder.

    A run that fails before its first epoch is done leaves nothing behind.

    Args:
        config: what to do.
        folder: the run folder, made if absent.
        resume: go on in a folder that holds a run of the same configuration and data.
        reporter: what says how it goes.
        found: the images, where several runs share them, see `gather`.
        cache: of frozen layers' features, where several runs share them.
        group: the processes that train together; only the first one measures and writes.

    Returns:
        Content of metrics.json; nothing in a process that is not the first.

    Raises:
        UserError: see `gather`, `fit`; the detector does not take its arguments; the folder holds
            another run, or none where one is to be resumed.
    """
    reporter = reporter or Reporter()
    network = architecture(config.model.name)
    size = network.complete(config.model.args).get("input_size", network.input_size)
    _check_group(config, group)
    if group.leads:
        check_folder(folder, config, resume)
    finished = folder / "metrics.json"
    if finished.exists():
        reporter.say(
            f"The run in {folder} is finished already; its report is {folder / 'report.html'}."
        )
        return dict(json.loads(finished.read_text(encoding="utf-8")))
    _make_repeatable(config.seed)
    data = gather(config, reporter, found)
    if not group.leads:
        return _help(_begin(config, folder, data, size, resume, reporter, cache, group))
    check_data(folder, data)
    with gone_if_it_fails_at_once(folder):
        context = _begin(config, folder, data, size, resume, reporter, cache, group)
        begin(folder, config, data, context.facts)
        metrics = _carry_out(context)
    reporter.say(f"Report: {folder / 'report.html'}   detector: {folder / 'bundle'}")
    shutil.rmtree(context.checkpoints, ignore_errors=True)
    return metrics


def _begin(
    config: RunConfig,
    folder: Path,
    data: RunData,
    size: int,
    resume: bool,
    reporter: Reporter,
    cache: FeatureCache | None,
    group: Group,
) -> RunContext:
    """Settle what the run depends on."""
    inputs = _inputs(config, size, data)
    precision = choose_precision(config.device.precision, architecture(config.model.name).depthwise)
    if config.train.plain_features:
        cache = cache or FeatureCache(folder / "checkpoints" / "features")
    elif not isinstance(inputs, Hearing):  # what chance makes of a photo is never seen again
        cache = None
    facts = environment.describe() | {
        "seed": config.seed,
        "precision": precision,
        "data_fingerprint": data.fingerprint,
        "damaged_files": len(data.damaged),
    }
    return RunContext(
        config, folder, data, inputs, precision, resume, reporter, cache, facts, group
    )


def _inputs(config: RunConfig, size: int, data: RunData) -> Preprocessing | Hearing:
    """How an example becomes an input of so many pixels a side, or so many samples."""
    if architecture(config.model.name).takes == "sound":
        return hearing(size)
    return Preprocessing(
        size=size,
        policy=config.preprocess.policy,
        views=config.preprocess.views,
        grid=config.preprocess.grid,
        native_side=data.native_side,
    )


def _help(context: RunContext) -> dict[str, Any]:
    """Train with the others, and leave the rest to the first of them."""
    _trainer(context.config)(context)
    return {}


def _carry_out(context: RunContext) -> dict[str, Any]:
    """Train, pack and measure; return the content of metrics.json."""
    name, cache = context.config.model.name, context.cache
    context.reporter.say(f"Training {name} in {context.precision} on {len(context.train)} files.")
    with lost_images_named(context.data.usable.path):
        model, history = _trainer(context.config)(context)
    detector = pack(context, model, cache.detector(model, name) if cache else model)
    metrics = measure(
        detector,
        context.folder,
        context.data.examples,
        context.facts,
        history=history,
        reporter=context.reporter,
    )
    if cache:
        cache.save()
    return metrics


def _trainer(config: RunConfig) -> Callable[[RunContext], Trained]:
    """How the network of a configuration is trained."""
    if config.train.only_head:
        return fit_one_class_head if config.one_class else fit_head
    return fit_one_class if config.one_class else fit_supervised


def _check_group(config: RunConfig, group: Group) -> None:
    """Refuse what only one process can do.

    Raises:
        UserError: other processes would have nothing to do, or not the same amount.
    """
    if not group.alone and _trainer(config) is not fit_supervised:
        raise UserError(
            "--processes trains whole networks by labels; heads on frozen features and one-class "
            "detectors are trained by one process, in minutes."
        )
    group.part(config.train.batch_size)


def _make_repeatable(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
