"""A whole run: data, training, calibration, measurement, bundle, report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from dfd_tf import environment
from dfd_tf.config import RunConfig, load_config
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.scoring import score_files
from dfd_tf.errors import UserError
from dfd_tf.hardware import choose_precision, choose_strategy
from dfd_tf.models import architecture
from dfd_tf.pretrained import pretrained_layers
from dfd_tf.training.dataset import Found, RunData, batches_by_epoch, gather
from dfd_tf.training.fit import fit
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.frozen.head import fit_head
from dfd_tf.training.measure import measure
from dfd_tf.training.networks import in_float32, start_network
from dfd_tf.training.one_class.head import fit_one_class_head
from dfd_tf.training.one_class.network import fit_one_class
from dfd_tf.training.pack import pack

Say = Callable[[str], None]


def train(
    config: RunConfig,
    folder: Path,
    *,
    resume: bool = False,
    quiet: bool = False,
    say: Say = print,
    found: Found | None = None,
    cache: FeatureCache | None = None,
) -> dict[str, Any]:
    """Train, calibrate on validation, evaluate on test, write the run folder.

    Args:
        config: what to do.
        folder: the run folder, made if absent.
        resume: go on in a folder that holds a run of the same configuration and data.
        quiet: no progress bars.
        say: prints a line.
        found: the images, where several runs share them, see `gather`.
        cache: of frozen layers' features, where several runs share them.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: see `gather`, `fit`; or the folder holds another run.
    """
    _open_folder(folder, config, resume)
    finished = folder / "metrics.json"
    if finished.exists():
        say(f"The run in {folder} is finished already; its report is {folder / 'report.html'}.")
        return dict(json.loads(finished.read_text(encoding="utf-8")))
    _make_repeatable(config.seed)
    data = gather(config, folder, progress=not quiet, say=say, found=found)
    preprocessing = Preprocessing(
        size=config.model.args.get("input_size", architecture(config.model.name).input_size),
        policy=config.preprocess.policy,
        views=config.preprocess.views,
        grid=config.preprocess.grid,
        native_side=data.native_side,
    )
    facts = _describe_run(config, folder, data)
    precision = facts["precision"]
    say(f"Training {config.model.name} in {precision} on {len(data.split('train'))} images.")
    if config.train.plain_features:
        cache = cache or FeatureCache(folder / "checkpoints" / "features")
    else:
        cache = None
    road = _road(config, cache)
    model = road(config, folder, data, preprocessing, precision, resume, quiet, say)
    scorer = cache.detector(model, config.model.name) if cache else model
    detector = pack(
        config, folder / "bundle", data, preprocessing, model, scorer, progress=not quiet
    )
    metrics = measure(
        detector,
        folder,
        data.examples,
        facts,
        history=pd.read_csv(folder / "history.csv"),
        progress=not quiet,
    )
    if cache:
        cache.save()
    say(f"Report: {folder / 'report.html'}   detector: {folder / 'bundle'}")
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return metrics


def _road(config: RunConfig, cache: FeatureCache | None) -> Callable[..., keras.Model]:
    """How the network of a configuration is trained."""
    if not config.train.only_head:
        return fit_one_class if config.one_class else _fit
    return partial(fit_one_class_head if config.one_class else fit_head, cache=cache)


def _open_folder(folder: Path, config: RunConfig, resume: bool) -> None:
    stored = folder / "config.yaml"
    if stored.exists():
        if not resume:
            raise UserError(
                f"{folder} holds a run already. Go on with it by --resume, or name another "
                "folder with --out."
            )
        # Compared as read, so that a key that was added since stands at its default.
        if load_config(stored) != config:
            raise UserError(
                f"{folder} holds a run of another configuration (see {stored}). Resume it with "
                "its own, or name another folder with --out."
            )
    folder.mkdir(parents=True, exist_ok=True)
    stored.write_text(config.to_yaml(), encoding="utf-8")


def _make_repeatable(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _describe_run(config: RunConfig, folder: Path, data: RunData) -> dict[str, Any]:
    """Content of environment.json, which is written."""
    path = folder / "environment.json"
    if path.exists() and json.loads(path.read_text())["data_fingerprint"] != data.fingerprint:
        raise UserError(
            f"The data are not those with which the run in {folder} began. Train anew with "
            "another --out."
        )
    precision = choose_precision(config.device.precision, architecture(config.model.name).depthwise)
    facts = environment.describe() | {
        "seed": config.seed,
        "precision": precision,
        "data_fingerprint": data.fingerprint,
        "damaged_files": len(data.damaged),
    }
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def _fit(
    config: RunConfig,
    folder: Path,
    data: RunData,
    preprocessing: Preprocessing,
    precision: str,
    resume: bool,
    quiet: bool,
    say: Say,
) -> keras.Model:
    """Train under the chosen precision and strategy; return the best detector in float32."""
    train_examples, valid = data.split("train"), data.split("valid")
    batches_of, steps = batches_by_epoch(config, train_examples, preprocessing, folder)

    def validate(model: keras.Model) -> np.ndarray:
        logits, _ = score_files(
            model, preprocessing, valid.path, progress=not quiet, description="validation"
        )
        return logits

    with choose_strategy(config.device.strategy):
        model = start_network(config, precision)
    fit(
        model,
        batches_of,
        validate,
        valid,
        config.train,
        folder,
        steps_per_epoch=steps,
        backbone=_backbone(model, config),
        resume=resume,
        say=say,
        verbose=not quiet,
    )
    return in_float32(config, model)


def _backbone(model: keras.Model, config: RunConfig) -> list[str]:
    """Layers that are frozen at first or learn slowly; none where nothing is asked for."""
    if not config.train.freeze_epochs and config.train.backbone_rate == 1:
        return []
    return pretrained_layers(model, config.model.name)
