"""The one or two phases of a training: the new layers alone, then everything."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras

from dfd_tf.config import TrainConfig
from dfd_tf.hardware import gpus
from dfd_tf.models.tuning import only_norms_learn
from dfd_tf.one_class.objectives import Objective
from dfd_tf.training.optim.optimizer import TransferAdamW
from dfd_tf.training.optim.schedule import WarmupCosine


def start_phase(
    model: keras.Model,
    config: TrainConfig,
    steps_per_epoch: int,
    backbone: Sequence[str],
    epoch: int,
) -> None:
    """Compile for the phase that an epoch lies in.

    In the first `freeze_epochs` the backbone stands still, moving statistics included, and the
    rest learns at a constant rate, so that no untrained gate or logit spoils what was learned
    before. Then everything learns, or of the backbone its layer normalisations alone, with fresh
    moments and a warm-up of its own.

    Args:
        model: built under the strategy it is trained with.
        config: see `TrainConfig`.
        steps_per_epoch: batches of an epoch.
        backbone: names of the pretrained layers.
        epoch: number of the epoch, from 0.
    """
    frozen = epoch < config.freeze_epochs
    set_trainable(model, backbone, not frozen)
    if config.tune == "layer_norm" and not frozen:
        only_norms_learn(model, backbone)
    left = (config.epochs - config.freeze_epochs) * steps_per_epoch
    warmup = round(config.warmup_epochs * steps_per_epoch)
    rate = config.learning_rate if frozen else WarmupCosine(config.learning_rate, warmup, left)
    with _scope(model):
        compile_for_training(model, config, rate, backbone)


def set_trainable(model: keras.Model, layers: Sequence[str], trainable: bool) -> None:
    """Freeze or unfreeze layers by name."""
    for name in layers:
        model.get_layer(name).trainable = trainable


def compile_for_training(
    model: keras.Model, config: TrainConfig, rate: Any, backbone: Sequence[str] = ()
) -> None:
    """Give the model its loss, optimizer and the AUC that the progress bar shows.

    An `Objective` brings its own loss, and no logits to take an AUC of; nor is there one where a
    teacher has a share in the targets.

    Args:
        model: any detector or objective.
        config: see `TrainConfig`.
        rate: learning rate, a number or a schedule.
        backbone: names of the layers that learn at `backbone_rate` times that.
    """
    slow = [weight.path for name in backbone for weight in model.get_layer(name).weights]
    optimizer = TransferAdamW(
        rate,
        config.weight_decay,
        slow=slow,
        share=config.backbone_rate,
        clip_norm=config.clip_norm,
    )
    supervised = {
        "loss": keras.losses.BinaryCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        ),
        "weighted_metrics": []
        if config.teacher
        else [keras.metrics.AUC(from_logits=True, name="auc")],
    }
    model.compile(
        optimizer=optimizer,
        **({} if isinstance(model, Objective) else supervised),
        # XLA halves the speed of TensorFlow on a CPU; JAX has nothing else.
        jit_compile=False if _is_slowed_by_xla() else "auto",
    )
    optimizer.build(model.trainable_variables)


def _scope(model: keras.Model) -> AbstractContextManager[Any]:
    """The strategy that the model was built under; its optimizer must be built there too."""
    if keras.backend.backend() != "tensorflow":
        return nullcontext()
    return model.distribute_strategy.scope()


def _is_slowed_by_xla() -> bool:
    return keras.backend.backend() == "tensorflow" and not gpus()
